/** HTML templates that escape values, except HTML. */
import { brandStyles } from '../src/pages/brand-buttons.ts'
import { brands } from './brands.ts'

export interface Html {
  readonly html: string
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  return { html: parts.map((part, i) => part + (i < values.length ? render(values[i] ?? '') : '')).join('') }
}

function render(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
  return 'html' in value ? value.html : value.map((one) => one.html).join('')
}

/** A document in the style of the demo. */
export function documentOf(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${{ html: style + brandStyles(brands) }}</style>
</head>
<body>
${body}
</body>
</html>
`.html
}

const style = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #55606e; --paper: #f5f3ee; --card: #fff; --line: #d9d5cb;
  --accent: #0b5f4d; --on-accent: #fff; --warn: #8a3b00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e9ecef; --soft: #a8b3bf; --paper: #12161b; --card: #1b2128; --line: #333c46;
  --accent: #6fd3b8; --on-accent: #06231b; --warn: #ffb37a } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif }
header { border-bottom: 1px solid var(--line); padding: 1rem max(1rem, calc(50% - 21rem)); font-weight: 650 }
main { max-width: 44rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
h3 { font-size: 1rem; margin: 1rem 0 .25rem }
p { margin: .5rem 0 1rem }
a { color: var(--accent) }
.soft { color: var(--soft) }
.warn { color: var(--warn) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem; margin: 1.25rem 0; overflow-wrap: anywhere }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 }
.button { display: inline-block; font: inherit; font-weight: 600; padding: .65rem 1.1rem; border-radius: 8px; border: 1px solid var(--line);
  background: var(--card); color: var(--ink); text-decoration: none; cursor: pointer }
.button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
.button:hover { border-color: var(--accent) }
.connections { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .75rem; margin: 1.5rem 0; padding: 0; list-style: none }
.connection { display: flex; align-items: center; gap: .75rem; min-height: 3rem; padding: .4rem .75rem }
.connection span { flex: 1; padding-right: 2rem; text-align: center }
.connection img { width: 1.75rem; height: 1.75rem; padding: .2rem; border-radius: 6px; background: #fff } /* brand logos are drawn for white paper */
.next { margin-top: 3rem; border-top: 1px solid var(--line) }
.next ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0; list-style: none }
.next a { display: inline-block; padding: .5rem 0 }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .35rem 1.25rem; margin: 0 }
dt { color: var(--soft) } dd { margin: 0; min-width: 0 }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: .875rem/1.5 ui-monospace, monospace; margin: .75rem 0 0 }
@media (max-width: 26rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .6rem } .actions .button { width: 100%; text-align: center } }
`
