package exoref

import "github.com/exoref/exoref/bindings/go/internal/low"

// Status says what went wrong. It is an error itself, to compare with: errors.Is(err, exoref.ErrTimeout). The numbers are those of C.
type Status int32

// The statuses. What each means for the state on the server, its Class tells.
const (
	ErrTimeout     Status = 1 // the time ran out and certainly nothing was changed
	ErrAgain       Status = 2 // a queue of the client is full
	ErrConnection  Status = 3 // no usable connection to the server
	ErrBusy        Status = 4 // the server can not take the command now
	ErrInterrupted Status = 5 // the wait was interrupted; the operation goes on

	ErrInvalid    Status = 20 // an argument is not valid
	ErrNotFound   Status = 21 // there is no reference under this key
	ErrType       Status = 22 // the key holds something of another type
	ErrCodec      Status = 23 // the reference carries another codec label
	ErrFormat     Status = 24 // the reference is of a newer format than this library knows
	ErrValidation Status = 25 // the validator refused the value
	ErrFunction   Status = 26 // the function of the caller failed
	ErrCancelled  Status = 27 // the operation was cancelled before it was sent
	ErrClosed     Status = 28 // the client, or this handle, is closed
	ErrDeleted    Status = 29 // the reference was deleted or has expired
	ErrFork       Status = 30 // the handle belongs to the parent of this forked process
	ErrTooBig     Status = 31 // a key or value is larger than the limit
	ErrAuth       Status = 32 // the server refused the user or password
	ErrPermission Status = 33 // the server does not permit this command or key to this user
	ErrProtocol   Status = 34 // the peer did not answer as a Redis server does
	ErrVersion    Status = 35 // the server is too old
	ErrServer     Status = 36 // the server refused the command
	ErrDeadlock   Status = 37 // a wait here could never end
	ErrNoMemory   Status = 38 // memory ran out
	ErrLocal      Status = 39 // the private server of a local: directory can not be used
	ErrInternal   Status = 40 // exoref itself failed; please report it
	ErrBody       Status = 41 // the body of the delay failed
	ErrLease      Status = 42 // the lease was lost or has ended; the result was refused

	ErrUnknown Status = 60 // the operation may or may not have taken effect
)

// Error is a sentence about the status.
func (s Status) Error() string { return "exoref: " + low.StatusText(int32(s)) }

// String is the name that the status has in C, "EXOREF_ETIMEOUT".
func (s Status) String() string { return low.StatusName(int32(s)) }

// Class tells what the status means for the state on the server.
func (s Status) Class() Class { return Class(low.StatusClass(int32(s))) }

// Class is what an error means for the state on the server, and so for what to do about it.
type Class int32

const (
	ClassOK              Class = 0
	ClassNotAppliedRetry Class = 1 // certainly nothing was changed; the same call may succeed later
	ClassNotAppliedFinal Class = 2 // certainly nothing was changed; the same call will fail again
	ClassUnknown         Class = 3 // it may have been applied: look before doing it again
)

func (c Class) String() string {
	switch c {
	case ClassOK:
		return "ok"
	case ClassNotAppliedRetry:
		return "not applied, retry"
	case ClassNotAppliedFinal:
		return "not applied, final"
	}
	return "unknown"
}

// Reason is why an outcome is unknown.
type Reason int32

const (
	ReasonNone           Reason = 0
	ReasonTimeout        Reason = 1 // sent, and no answer in time
	ReasonCancelled      Reason = 2 // sent, then cancelled by the caller
	ReasonClosed         Reason = 3 // sent, then the client was closed
	ReasonHistoryDropped Reason = 4 // sent again after a lost connection, and the record that would tell is gone
	ReasonDataLost       Reason = 5 // sent again, and the server has lost data meanwhile
)

// String is a word or two, "history dropped"; "" for ReasonNone.
func (r Reason) String() string { return low.ReasonName(int32(r)) }
