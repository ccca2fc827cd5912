// Colors of the style sheet for the canvas, which does not resolve light-dark() and variables by itself.

/** The color that a custom property such as `--accent` has now, as `rgb(…)`. */
export function inkOf(element: HTMLElement, property: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${property})`
  probe.hidden = true
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** The color with this opacity. */
export function fadedInk(ink: string, opacity: number): string {
  return `color-mix(in srgb, ${ink} ${opacity * 100}%, transparent)`
}

/** Calls when people switch between light and dark. Returns a function that ends it. */
export function onSchemeChange(call: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', call)
  return () => dark.removeEventListener('change', call)
}
