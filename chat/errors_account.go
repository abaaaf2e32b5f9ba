package chat

// These errors are returned to users who change something of an account.
var (
	// ErrNoOwnAccount is returned to a guest for what takes an account, also where guests may chat.
	ErrNoOwnAccount = refusal("no own account")
	// ErrWrongPassword is returned when what a user typed does not open the account.
	ErrWrongPassword = refusal("wrong password")
	// ErrProofGone is returned when the password was changed since it was typed, or the account deleted.
	ErrProofGone = refusal("proof gone")
	// ErrNameRests is returned for the name of a user who has deleted the account not long ago.
	ErrNameRests = refusal("name rests")
	// ErrForgotten ends the session of a user who has deleted the account.
	ErrForgotten = refusal("forgotten")
	// ErrNeedsCode is returned when nothing but a one-time code is missing.
	ErrNeedsCode = refusal("needs code")
	// ErrWrongCode is returned for a one-time or recovery code that is wrong, used or too old.
	ErrWrongCode = refusal("wrong code")
	// ErrTOTPOn is returned when one-time codes are on already.
	ErrTOTPOn = refusal("totp on")
	// ErrTOTPOff is returned when they are off already.
	ErrTOTPOff = refusal("totp off")
	// ErrNoTOTP is returned to an operator for a user who has none.
	ErrNoTOTP = refusal("no totp")
)
