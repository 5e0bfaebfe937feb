package ui

import (
	"context"
	"net/http"

	"example.com/identityd/internal/identity"
)

// Consents is asked about every consent that is about to be granted, also where no person is asked.
type Consents interface {
	// Ask returns nil when it may be.
	Ask(ctx context.Context, c identity.Consenting) *identity.ConsentRefusal
	// Expect writes down that it is about to be; what it returns has to be called with whether it was.
	Expect(ctx context.Context, c identity.Consenting) (done func(granted bool), err error)
}

// refuseConsent shows why access is not given, and leads on to the application, which hears of a refusal too.
func (u *UI) refuseConsent(
	w http.ResponseWriter, r *http.Request, challenge string, request *identity.ConsentRequest, why *identity.ConsentRefusal,
) error {
	if why.Failed {
		return &identity.Error{Code: identity.Unavailable} // the challenge is still good
	}
	u.finish(w, r, request.RequestURL)
	to, err := u.cfg.OAuth2.RejectConsent(r.Context(), challenge)
	if err != nil {
		return err
	}
	say := u.printer(r)
	p := problem{status: http.StatusForbidden, title: say.Text("That did not work"), action: link{say.Text("Continue"), to}}
	for i, text := range why.Texts {
		switch text = plain(text, maxSentence); i {
		case 0:
			p.sentence = text
		case 1:
			p.next = text
		}
	}
	if p.sentence == "" {
		p.sentence = say.Text("The people who run this service do not allow this. Please ask them if you think that it is a mistake.")
	}
	u.tell(r, identity.Told{Cause: "page:hook_refused", Client: request.Client.ID})
	u.fail(w, r, p)
	return nil
}
