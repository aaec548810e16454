/**
 * Files that pages load. Paths contain a hash of the content, so browsers may cache them forever.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

export type Asset = ReturnType<typeof asset>

export function asset(name: string, type: string, content: string) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return { path: `/static/${name.replace('.', `-${hash}.`)}`, type: `${type}; charset=utf-8`, content }
}

const textOf = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')

export const stylesheet = asset('gatehouse.css', 'text/css', textOf('./styles/gatehouse.css'))

/** Besides `stylesheet`, on pages with the header of the site. */
export const siteStylesheet = asset('site.css', 'text/css', textOf('./styles/site.css'))

/** Besides `stylesheet`, on the pages for developers. */
export const developerStylesheet = asset('developer.css', 'text/css', textOf('./styles/developer.css'))

/** Besides `stylesheet`, on the admin pages. */
export const adminStylesheet = asset('admin.css', 'text/css', textOf('./styles/admin.css'))

/** Besides `stylesheet`, on the pages below `/account`. */
export const accountStylesheet = asset('account.css', 'text/css', textOf('./styles/account.css'))

/** Script of every page: copy and show buttons, busy buttons, the strength meter. */
export const pageScript = asset('page.js', 'text/javascript', textOf('./scripts/page.js'))

/** The browser half of @simplewebauthn, as its package ships it: `SimpleWebAuthnBrowser`. */
const webAuthnScript = asset(
  'simplewebauthn.js',
  'text/javascript',
  readFileSync(join(dirname(require.resolve('@simplewebauthn/browser')), '../dist/bundle/index.umd.min.js'), 'utf8'),
)

const passkeysScript = asset('passkeys.js', 'text/javascript', textOf('./scripts/passkeys.js'))

/** Scripts of pages with passkey forms, in order. The response must allow scripts and `fetch`. */
export const passkeyScripts = [webAuthnScript, passkeysScript] as const
export const passkeyScriptPaths = passkeyScripts.map(({ path }) => path)

/** Updates admin pages; the response has to allow it. */
export const adminLiveScript = asset('admin-live.js', 'text/javascript', textOf('./scripts/admin-live.js'))

/** Submits a page's form; by the prototype, as a field named `submit` would hide the method. */
export const submitScript = asset(
  'submit.js',
  'text/javascript',
  'HTMLFormElement.prototype.submit.call(document.forms[0])\n',
)

/** Filters the operations on the page about the API. */
export const apiFilterScript = asset('api-filter.js', 'text/javascript', textOf('./scripts/api-filter.js'))

/** Every stylesheet and script of ours that does not depend on the configuration. */
export const assets: readonly Asset[] = [
  ...[stylesheet, siteStylesheet, accountStylesheet, developerStylesheet, adminStylesheet],
  ...[pageScript, adminLiveScript, submitScript, apiFilterScript, ...passkeyScripts],
]
