package low

// #include "shims.h"
import "C"

// Timeouts that are no number of milliseconds.
const (
	TimeoutNone    = -1
	TimeoutDefault = -2
)

// TTLNone takes the time to live away.
const TTLNone = -1

// The statuses that this layer knows by name.
const (
	StatusOK      = C.EXOREF_OK
	StatusTimeout = C.EXOREF_ETIMEOUT
	StatusClosed  = C.EXOREF_ECLOSED
)

// The kinds of events.
const (
	EventCompletion = C.EXOREF_EVENT_COMPLETION
	EventWatch      = C.EXOREF_EVENT_WATCH
	EventStep       = C.EXOREF_EVENT_STEP
	EventBody       = C.EXOREF_EVENT_BODY
)

// What a change was.
const (
	ChangeRewound   = C.EXOREF_CHANGE_REWOUND
	ChangeDeleted   = C.EXOREF_CHANGE_DELETED
	ChangeRecreated = C.EXOREF_CHANGE_RECREATED
	ChangeUncertain = C.EXOREF_CHANGE_UNCERTAIN
)

// What the table says of an option.
const (
	OptionName        = C.EXOREF_OPTION_NAME
	OptionScope       = C.EXOREF_OPTION_SCOPE
	OptionType        = C.EXOREF_OPTION_TYPE
	OptionDefault     = C.EXOREF_OPTION_DEFAULT
	OptionRange       = C.EXOREF_OPTION_RANGE
	OptionMeaning     = C.EXOREF_OPTION_MEANING
	OptionAlias       = C.EXOREF_OPTION_ALIAS
	OptionSince       = C.EXOREF_OPTION_SINCE
	OptionDeprecated  = C.EXOREF_OPTION_DEPRECATED
	OptionSecret      = C.EXOREF_OPTION_SECRET
	OptionUnsupported = C.EXOREF_OPTION_UNSUPPORTED
)

// The levels of the log.
const (
	LogError   = C.EXOREF_LOG_ERROR
	LogWarning = C.EXOREF_LOG_WARNING
	LogInfo    = C.EXOREF_LOG_INFO
	LogDebug   = C.EXOREF_LOG_DEBUG
)
