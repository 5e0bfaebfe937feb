// Package smtptalk sends one mail as Kratos' courier does, and keeps every line that was said.
package smtptalk
