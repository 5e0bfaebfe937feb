// Package adminguard stands in front of the admin APIs, which have no authentication of their own, and
// lets nothing through that a browser could be tricked into or that carries no proof where one is asked.
//
// The order of its questions is that of what they give away: the host first (DNS rebinding), then
// where the request comes from (cross-site requests), then who asks and what they may, then the body.
package adminguard
