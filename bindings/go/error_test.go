package exoref

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// The statuses, classes and reasons are those of exoref.h: number by number.
func TestStatusesAreThoseOfTheHeader(t *testing.T) {
	header := string(must(os.ReadFile("../../include/exoref/exoref.h"))(t))
	here := map[string]int32{
		"ETIMEOUT": int32(ErrTimeout), "EAGAIN": int32(ErrAgain), "ECONNECTION": int32(ErrConnection), "EBUSY": int32(ErrBusy),
		"EINTERRUPTED": int32(ErrInterrupted), "EINVAL": int32(ErrInvalid), "ENOTFOUND": int32(ErrNotFound), "ETYPE": int32(ErrType),
		"ECODEC": int32(ErrCodec), "EFORMAT": int32(ErrFormat), "EVALIDATION": int32(ErrValidation), "EFUNCTION": int32(ErrFunction),
		"ECANCELLED": int32(ErrCancelled), "ECLOSED": int32(ErrClosed), "EDELETED": int32(ErrDeleted), "EFORK": int32(ErrFork),
		"ETOOBIG": int32(ErrTooBig), "EAUTH": int32(ErrAuth), "EPERMISSION": int32(ErrPermission), "EPROTOCOL": int32(ErrProtocol),
		"EVERSION": int32(ErrVersion), "ESERVER": int32(ErrServer), "EDEADLOCK": int32(ErrDeadlock), "ENOMEM": int32(ErrNoMemory),
		"ELOCAL": int32(ErrLocal), "EINTERNAL": int32(ErrInternal),
		"EBODY": int32(ErrBody), "ELEASE": int32(ErrLease), "EUNKNOWN": int32(ErrUnknown),
		"CLASS_OK": int32(ClassOK), "CLASS_NOT_APPLIED_RETRY": int32(ClassNotAppliedRetry),
		"CLASS_NOT_APPLIED_FINAL": int32(ClassNotAppliedFinal),
		"CLASS_UNKNOWN":           int32(ClassUnknown), "REASON_NONE": int32(ReasonNone), "REASON_TIMEOUT": int32(ReasonTimeout),
		"REASON_CANCELLED": int32(ReasonCancelled), "REASON_CLOSED": int32(ReasonClosed), "REASON_HISTORY_DROPPED": int32(ReasonHistoryDropped),
		"REASON_DATA_LOST": int32(ReasonDataLost),
	}
	found := 0
	constant := regexp.MustCompile(`(?m)^    EXOREF_(E[A-Z]+|CLASS_[A-Z_]+|REASON_[A-Z_]+) = (\d+)`)
	for _, match := range constant.FindAllStringSubmatch(header, -1) {
		if match[1] == "EVENT" {
			continue
		}
		number, ok := here[match[1]]
		if !ok || strconv.Itoa(int(number)) != match[2] {
			t.Errorf("%s is %s in C, and %v, %v here", match[1], match[2], number, ok)
		}
		found++
	}
	same(t, "how many", found, len(here))
	same(t, "name", ErrTimeout.String(), "EXOREF_ETIMEOUT")
	same(t, "class", ErrConnection.Class(), ClassNotAppliedRetry)
	same(t, "class", ErrUnknown.Class(), ClassUnknown)
	same(t, "reason", ReasonHistoryDropped.String(), "history dropped")
}

func TestErrorsAreOfGo(t *testing.T) {
	err := fmt.Errorf("around: %w", &Error{Status: ErrUnknown, Reason: ReasonTimeout, Message: "could not", Cause: errMine})
	same(t, "is", errors.Is(err, ErrUnknown) && errors.Is(err, errMine) && !errors.Is(err, ErrTimeout), true)
	same(t, "class", ClassOf(err), ClassUnknown)
	same(t, "text", err.Error(), "around: exoref: could not: my own")
	same(t, "class of none", ClassOf(nil), ClassOK)
	same(t, "class of another", ClassOf(errMine), ClassNotAppliedFinal)
	var timeout interface{ Timeout() bool }
	same(t, "timeout", errors.As(err, &timeout) && timeout.Timeout(), true)
}

func TestServerThatRefuses(t *testing.T) {
	client, ctx := open(t), within(t)
	_, err := Open(ctx, serverURL, With("password", "wrong-secret"), With("user", "nobody"))
	var e *Error
	same(t, "auth", errors.As(err, &e) && e.Status == ErrAuth, true)
	same(t, "no secret in it", regexp.MustCompile("wrong-secret").MatchString(fmt.Sprintf("%v %+v", err, e)), false)
	same(t, "the server's words", e.ServerText != "", true)
	_, err = OpenAtom[int](ctx, client, fresh(t))
	same(t, "key", errors.As(err, &e) && e.Key != "", true)
}
