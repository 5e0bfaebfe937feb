package audit

import "time"

// Outcome is how something ended.
type Outcome string

// The outcomes. What is Intended is followed by another record with the same request id.
const (
	Done     Outcome = "done"
	Failed   Outcome = "failed"
	Refused  Outcome = "refused"
	Intended Outcome = "intended"
)

// Who acts where no person does.
const (
	// ActorPerson is the subject of the record.
	ActorPerson = "person"
	// ActorClient is the application of the record.
	ActorClient = "client"
	// ActorFile is stack.yaml.
	ActorFile = "stack.yaml"
	// ActorSystem is identityd itself.
	ActorSystem = "identityd"
	// ActorAdmin is in front of the name of an admin token.
	ActorAdmin = "admin:"
	// ActorCommand is in front of the name of a command of identityd.
	ActorCommand = "command:"
)

// Event is what happened. Nothing in it but Address and Agent may say more of a person than an id does; these
// two are sealed. Where they, Actor, or the id of the request are left out, they are those of the request
// that the context belongs to.
type Event struct {
	// Kind is one of kinds, such as LoginSucceeded.
	Kind string
	// Outcome is Done when it is empty.
	Outcome Outcome
	// Actor is who did it: one of the words above.
	Actor string
	// Subject is on whom: the id of an identity.
	Subject string
	// Client is the id of an OAuth2 client.
	Client string
	// Session is the id of a session at Kratos.
	Session string
	// Details say more, in names and values that are fit for the log.
	Details map[string]string
	// Address and Agent are from where: an IP address and a User-Agent.
	Address, Agent string
}

// entry is an event on its way into the trail.
type entry struct {
	Event
	at      time.Time
	request string
	// done is told what became of it; nil where nobody waits.
	done chan error
	// gone reports that nobody waits any longer for what must not be written late.
	gone func() bool
}

func (e entry) unwanted() bool { return e.gone != nil && e.gone() }
