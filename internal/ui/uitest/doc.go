// Package uitest shows, for tests only, every page of internal/ui in every state a person may meet, from fakes:
// what looks at pages (axe-core, screenshots, weight, hostile texts) walks States.
package uitest
