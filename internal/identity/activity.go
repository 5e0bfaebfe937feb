package identity

import "time"

// Act is something that a person did on a page and that is put on record.
type Act struct {
	// Kind is a kind of the audit trail.
	Kind string
	// Person and Client are ids.
	Person, Client string
	Details        map[string]string
}

// Activity is one thing that happened to an account, as its person is shown it.
type Activity struct {
	At time.Time
	// Kind is a kind of the audit trail, and Failed says that it did not work.
	Kind   string
	Failed bool
	// ByOthers says that it was not the person: an administrator, or identityd.
	ByOthers bool
	// Client is the application, Method how somebody signed in, What what was changed.
	Client, Method, What string
	// Count is how many times it happened, where more than one is one entry.
	Count int
	// Device is from where.
	Device Device
}
