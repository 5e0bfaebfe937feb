package identity

import "time"

// FlowKind names a self-service flow as Kratos spells it in paths: /self-service/<kind>/browser.
type FlowKind string

// The self-service flows of Kratos.
const (
	Login        FlowKind = "login"
	Registration FlowKind = "registration"
	Recovery     FlowKind = "recovery"
	Verification FlowKind = "verification"
	Settings     FlowKind = "settings"
)

// Flow is one self-service flow in one browser.
type Flow struct {
	ID             string        `json:"id"`
	State          string        `json:"state"`
	ExpiresAt      time.Time     `json:"expires_at"`
	RequestURL     string        `json:"request_url"`
	ReturnTo       string        `json:"return_to"`
	RequestedAAL   string        `json:"requested_aal"`
	Refresh        bool          `json:"refresh"`
	LoginChallenge string        `json:"oauth2_login_challenge"`
	LoginRequest   *LoginRequest `json:"oauth2_login_request"`
	UI             Container     `json:"ui"`
}

// Container is the form of a flow: where it is posted, and what it shows.
type Container struct {
	Action   string    `json:"action"`
	Method   string    `json:"method"`
	Nodes    []Node    `json:"nodes"`
	Messages []Message `json:"messages"`
}

// Node is one element of a form. Type is one of input, text, img, a, script.
type Node struct {
	Type       string     `json:"type"`
	Group      string     `json:"group"`
	Attributes Attributes `json:"attributes"`
	Messages   []Message  `json:"messages"`
	Meta       Meta       `json:"meta"`
}

// Meta carries the label of a node.
type Meta struct {
	Label *Message `json:"label"`
}

// Attributes is the union of the attributes of all node types (Kratos: ui/node/attributes.go). Value
// is any JSON scalar.
type Attributes struct {
	NodeType string `json:"node_type"`

	// Of input nodes.
	Name           string   `json:"name"`
	Type           string   `json:"type"`
	Value          any      `json:"value"`
	Required       bool     `json:"required"`
	Autocomplete   string   `json:"autocomplete"`
	Pattern        string   `json:"pattern"`
	Disabled       bool     `json:"disabled"`
	MaxLength      int      `json:"maxlength"`
	OnClickTrigger string   `json:"onclickTrigger"`
	OnLoadTrigger  string   `json:"onloadTrigger"`
	Label          *Message `json:"label"`
	// Fixed inputs show what was decided elsewhere; no answer of Kratos' says so.
	Fixed bool `json:"-"`

	// Of text nodes.
	Text *Message `json:"text"`

	// Of image, anchor and script nodes.
	ID             string   `json:"id"`
	Source         string   `json:"src"`
	Width          int      `json:"width"`
	Height         int      `json:"height"`
	Href           string   `json:"href"`
	Title          *Message `json:"title"`
	Async          bool     `json:"async"`
	ReferrerPolicy string   `json:"referrerpolicy"`
	CrossOrigin    string   `json:"crossorigin"`
	Integrity      string   `json:"integrity"`
	Nonce          string   `json:"nonce"`
}

// Message is a sentence with a stable number (Kratos: text/id.go). Type is info, error or success.
type Message struct {
	ID      int64          `json:"id"`
	Text    string         `json:"text"`
	Type    string         `json:"type"`
	Context map[string]any `json:"context"`
}
