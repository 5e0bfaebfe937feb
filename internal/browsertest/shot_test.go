package browsertest

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	phone   = 360
	desktop = 1200
	height  = 800
)

// window is how wide the window is and which colors the person prefers.
func window(width, height int64, scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(
		chromedp.EmulateViewport(width, height),
		chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
			params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
			}}
			_, err := cdp.Call(ctx, s, emulation.SetEmulatedMedia, params)
			return err
		}),
	)
}

// desktop is the window of the steps between the screenshots.
func (b *tab) desktop() chromedp.Action[chromedp.Void] { return window(desktop, height, "light") }

// shot keeps the page as it looks on a phone and on a desktop, by day and by night, and checks that
// it fits on the phone.
func (b *tab) shot(name string) {
	b.t.Helper()
	b.shots++
	ctx, cancel := b.bounded()
	defer cancel()
	for _, width := range []int64{phone, desktop} {
		for _, scheme := range []string{"light", "dark"} {
			raw, wide, err := picture(ctx, width, scheme)
			if err != nil {
				b.t.Errorf("taking a screenshot: %v", err)
				return
			}
			if wide > width {
				b.t.Errorf("%s is %d pixels wide in a window of %d", name, wide, width)
			}
			file := fmt.Sprintf("%s-%02d-%s-%d-%s.png", b.name, b.shots, name, width, scheme)
			if err := os.WriteFile(filepath.Join(chrome.folder(b.t), file), raw, 0o600); err != nil {
				b.t.Errorf("keeping a screenshot: %v", err)
				return
			}
		}
	}
	if err := chromedp.Do(ctx, b.desktop()); err != nil {
		b.t.Errorf("resizing the window: %v", err)
	}
}

// picture returns the whole page as a PNG, and how wide it is.
func picture(ctx context.Context, width int64, scheme string) (raw []byte, wide int64, err error) {
	if err := chromedp.Do(ctx, window(width, height, scheme)); err != nil {
		return nil, 0, err
	}
	wide, high, err := pageSize(ctx)
	if err != nil {
		return nil, 0, err
	}
	// A window as high as the page: Chromium does not draw frames that are out of sight.
	if high > height {
		if err := chromedp.Do(ctx, window(width, high, scheme)); err != nil {
			return nil, 0, err
		}
	}
	raw, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
	return raw, wide, err
}

// pageSize returns the size of the page in CSS pixels. Wider than the window means that a person has
// to scroll sideways.
func pageSize(ctx context.Context) (wide, high int64, err error) {
	size, err := chromedp.Call(ctx, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		return 0, 0, err
	}
	return int64(math.Ceil(size.CSSContentSize.Width)), int64(math.Ceil(size.CSSContentSize.Height)), nil
}
