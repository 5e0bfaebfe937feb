package command

import (
	"fmt"
	"io"

	"example.com/identityd/bench/report"
)

func compare(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errUsage
	}
	old, err := report.Read(args[0])
	if err != nil {
		return err
	}
	now, err := report.Read(args[1])
	if err != nil {
		return err
	}
	c := report.Compare(old, now)
	for _, r := range c.Remarks {
		fmt.Fprintln(out, "note:", r)
	}
	var better, same int
	for _, x := range c.Changes {
		switch {
		case x.Regression():
			fmt.Fprintln(out, "WORSE ", x)
		case x.Gain():
			better++
			fmt.Fprintln(out, "better", x)
		case x.Blind() && x.Worse != 0:
			fmt.Fprintln(out, "      ", x)
		default:
			same++
		}
	}
	for _, m := range c.Missing {
		fmt.Fprintln(out, "MISSING", m)
	}
	for _, a := range c.Added {
		fmt.Fprintln(out, "new   ", a)
	}
	worse := len(c.Regressions())
	fmt.Fprintf(out, "%d worse, %d missing, %d better, %d within the noise, %d new\n", worse, len(c.Missing), better, same, len(c.Added))
	if worse+len(c.Missing) > 0 {
		return errWorse
	}
	return nil
}

func table(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errUsage
	}
	f, err := report.Read(args[0])
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, f.Table())
	return err
}

func plot(args []string) error {
	if len(args) != 2 {
		return errUsage
	}
	f, err := report.Read(args[0])
	if err != nil {
		return err
	}
	return f.Plot(args[1])
}
