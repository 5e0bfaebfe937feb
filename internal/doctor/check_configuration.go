package doctor

import (
	"context"
	"errors"
	"strings"

	"example.com/identityd/internal/config"
)

// configuration reports what internal/config refuses, all of it. Modes of files are the matter of secretFiles.
func configuration() Check {
	return Check{
		Area: Configuration, Name: "words", Tells: "every word of the file is understood and agrees with the others",
		Run: func(_ context.Context, s *Subject) []Finding { return problems(Fault, s.Problems) },
	}
}

// configurationWarnings reports what stops nothing.
func configurationWarnings() Check {
	return Check{
		Area: Configuration, Name: "warnings", Tells: "nothing in the file will need action",
		Run: func(_ context.Context, s *Subject) []Finding { return problems(Warning, s.Config.Warnings) },
	}
}

// engineSettings asks the engines' own schemas, the hydra: and kratos: blocks above all.
func engineSettings() Check {
	return Check{
		Area: Configuration, Name: "engines", Tells: "Hydra and Kratos accept what the file becomes for them",
		Run: func(ctx context.Context, s *Subject) []Finding {
			if len(s.Problems) > 0 {
				return []Finding{Skippedf("other words are wrong")}
			}
			if s.Engines.Settings == nil {
				return []Finding{Skippedf("no engine")}
			}
			err := s.Engines.Settings(ctx)
			var refused *config.Problems
			switch {
			case err == nil:
				return nil
			case errors.As(err, &refused):
				return problems(Fault, refused.List)
			}
			return []Finding{Faultf("%v", err).Cured("correct what it names in stack.yaml")}
		},
	}
}

// problems are findings. A message of internal/config ends with its cure.
func problems(l Level, list []config.Problem) []Finding {
	var out []Finding
	for _, p := range list {
		if p.Exposed != "" {
			continue
		}
		text, cure := p.String(), "correct "+p.Path+" in stack.yaml; identityd config check says the same"
		if p.Path == "" {
			cure = "correct the file; identityd config check says the same"
		}
		if before, after, ok := cutLast(text, "; "); ok {
			text, cure = before, after
		}
		out = append(out, Finding{Level: l, Text: text, Cure: cure})
	}
	return out
}

// cutLast cuts at the last sep.
func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}
