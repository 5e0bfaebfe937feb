package discreet

import "regexp"

// inside are words of databases, of networks and of Go that no sentence for people has. An address or a path
// alone is none: people send such themselves, and are told which was refused.
var inside = regexp.MustCompile(`(?i)` +
	// Databases.
	`SQLSTATE|\bpgx\b|pgconn|\bpq: |sqlite|SQL logic error|no such (table|column)|constraint failed|violates .{0,40}constraint|duplicate key` +
	`|relation "|column "|syntax error at or near|\bsql: |database is (locked|closed)|bad connection|sqlcon|named (insert|update|select)` +
	`|(?-i:\bSELECT .{1,200} FROM |\bINSERT INTO |\bDELETE FROM )|(postgres|postgresql|cockroach|mysql)://` +
	// Networks.
	`|\bdial (tcp|udp|unix)|\blookup \S+( on \S+)?: |connection (refused|reset)|broken pipe|i/o timeout|no route to host|no such host|network is unreachable` +
	`|context (deadline exceeded|canceled)|x509: |tls: |net/http: |\b(read|write) (tcp|udp|unix)` +
	`|(private|public|prohibited|denied).{0,20}\bIP\b|\bIP\b.{0,30}(private|not public|denied|prohibited)|ssrf` +
	// Go and the machine.
	`|\.go:\d+|goroutine \d+|runtime error|nil pointer|invalid memory|json: cannot|\b(open|stat|read|mkdir|chmod) /\S+|/(etc|var|tmp|run|home|root|usr|srv|opt|work)/\S+` +
	`|permission denied|no such file|too many open files|no space left`)

// Tells reports whether a text tells of the inside of the process.
func Tells(text string) bool { return inside.MatchString(text) }
