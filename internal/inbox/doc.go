// Package inbox catches mail in development: a mail server on the loopback interface that delivers
// nothing and keeps the last mails in memory, where a page shows them.
//
// # What Kratos does with courier.smtp.connection_uri
//
// In development it is [Server.SMTPURL]. In production it is the person's own, and these are the
// rules of Kratos' courier/smtp.go and of github.com/ory/mail/v3 (smtp.go), which dials:
//
//   - smtps:// is TLS from the first byte. smtp:// demands STARTTLS: a server that does not offer it
//     is refused and nothing is sent. Both want TLS 1.2 or newer.
//   - smtp://...?disable_starttls=true only lifts the demand. A server that offers STARTTLS is still
//     spoken to in TLS, and then verified with defaults: skip_ssl_verify, server_name and client
//     certificates are forgotten. Hence this server offers none.
//   - The certificate is verified against the system's roots and the host of the URI, or against
//     server_name= when that is in the query. skip_ssl_verify=true switches the verification off;
//     there is no setting for a private authority.
//   - A private authority is trusted through Go's own SSL_CERT_FILE (a PEM bundle, in place of the
//     system's) or SSL_CERT_DIR (directories, colon separated, in place of the system's). Each
//     replaces only its own half: with SSL_CERT_FILE alone the directories of the system, such as
//     /etc/ssl/certs, still count, so public servers stay reachable where one exists. Both are read
//     once, at the first verification of the process: they belong to its environment at start.
//   - courier.smtp.client_cert_path and client_key_path present a client certificate. A pair that
//     does not load is logged and left out, not refused.
//   - The port has to be written: without one Kratos dials port 0. The host cannot be an IPv6
//     literal: its brackets are lost on the way to the dialer.
//   - Credentials are used only when the server offers AUTH, and silently not used when it does not.
//     CRAM-MD5 is preferred to LOGIN and PLAIN. PLAIN without TLS is refused by net/smtp unless the
//     host is localhost, 127.0.0.1 or ::1. A "@", ":" or "/" in them has to be percent encoded.
//   - An address with characters beyond ASCII is given to the server as an encoded word
//     (=?UTF-8?q?...?=), which no server can deliver to.
//   - An answer of 500 and above abandons the mail at once, and a wrong password (535) is one.
//     Everything else, an untrusted certificate or a missing STARTTLS included, is tried again up to
//     courier.message_retries.
package inbox
