package eject

import (
	"fmt"
	"io"
	"strings"
)

// readme says what to do with the files, and what is not there any more.
func (d *draft) readme(w io.Writer) {
	fmt.Fprintf(w, `# Hydra and Kratos in identityd's place

Written by identityd eject. The files are for Hydra 2.3.0 and Kratos 1.3.1, on the databases that identityd served from. Nothing
was changed in them, and identityd can go on with them as long as neither has served with a newer schema.

1. Stop every identityd: two masters of one database is what nobody has tried. Make a backup.
2. In this folder, with containers:

       docker compose up

   or with the programs themselves:

       hydra migrate sql up -e --yes --config %[1]s --config %[2]s
       kratos migrate sql -e --yes --config %[3]s --config %[4]s
       hydra %[5]s --config %[1]s --config %[2]s
       kratos %[6]s --config %[3]s --config %[4]s

   Both have to be started in this folder: %[3]s names its neighbors by relative addresses.

`, HydraFile, HydraSecretsFile, KratosFile, KratosSecretsFile, strings.Join(d.serve(hydra), " "), strings.Join(d.serve(kratos), " "))
	if d.at.front.port != 0 || d.at.front.socket() {
		fmt.Fprintf(w, "identityd had everything under %s. %s splits that address by paths, where identityd listened; what was in\nfront of it can stay.\n\n", d.at.issuer, FrontFile)
	}
	fmt.Fprintf(w, `%s and the other files of mode 0600 hold secrets. The admin APIs, at %s and
%s, have no authentication: whoever reaches them is an administrator.

The tables of identityd are left in both databases, and hurt nobody. To remove them, after a backup, drop all whose names begin
with identityd_.

## What is lost

`, HydraSecretsFile, d.at.hydraAdmin.url(), d.at.kratosAdmin.url())
	for _, loss := range losses(d.in.Config) {
		fmt.Fprintf(w, "- **%s**: %s", loss.Word, loss.What)
		if loss.Instead != "" {
			fmt.Fprintf(w, " Instead: %s", loss.Instead)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "\n## What the engines are told otherwise than in identityd\n\n")
	for _, c := range d.result.Changes {
		fmt.Fprintf(w, "- %s `%s`: %s\n", c.Engine, c.Key, c.Why)
	}
}
