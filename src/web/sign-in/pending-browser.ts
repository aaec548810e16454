/** A browser before sign-in, in express-session: an id to which its pending logins are bound. */
import type { Request, RequestHandler, Response } from 'express'
import expressSession, { type SessionData, Store } from 'express-session'
import { browserHash, resumeSeconds } from '../../broker/login/transaction.ts'
import type { Browsers } from '../../broker/ports/volatile.ts'
import { secretHash } from '../../crypto/token.ts'
import { readCookie } from '../../http/cookies.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import type { Shell, WithParts } from '../shell.ts'

export type PendingBrowserPorts = Pick<Shell, 'cookie' | 'keyRing'> & WithParts<'random'>

declare module 'express-session' {
  interface SessionData {
    /** Random; logins begun here may only be finished here. */
    browserId: string
  }
}

const keptSeconds = 86_400

export function browserSession(shell: Pick<Shell, 'cookie' | 'keyRing' | 'browsers'>): RequestHandler {
  const { secure } = shell.cookie
  const session = expressSession({
    name: browserCookieName(shell),
    secret: shell.keyRing.secretsFor('browser cookie'),
    store: new BrowserStore(shell.browsers),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: keptSeconds * 1000 },
  })
  return (request, response, next) => {
    // express-session would look for TLS or X-Forwarded-Proto; the configuration decides
    Object.defineProperty(request, 'secure', { value: secure })
    const load = () =>
      new Promise<void>((done, failed) => session(request, response, (error) => (error ? failed(error) : done())))
    loaders.set(request, load)
    next()
  }
}

/** How to read the record of a request's browser: only a handler that needs it asks the store. */
const loaders = new HiddenProperty<Request, () => Promise<void>>()

async function recordOf(request: Request): Promise<Request['session']> {
  if (!('session' in request)) await loaders.get(request)?.()
  return request.session
}

export interface PendingBrowser {
  /** SHA-256 of the browser's id. */
  readonly hash: string
  /** It brought no cookie of ours. */
  readonly isNew: boolean
}

/** The browser of a login that begins. Its record is stored before the redirect that relies on it. */
export async function ensureBrowser(request: Request, shell: PendingBrowserPorts): Promise<PendingBrowser> {
  const session = await recordOf(request)
  const known = session.browserId ?? preSessionId(request, shell)
  const id = known ?? shell.parts.random(32).toString('base64url')
  if (session.browserId === undefined) {
    session.browserId = id
    await new Promise<void>((done, failed) => session.save((error) => (error ? failed(error) : done())))
  }
  return { hash: browserHash(id), isNew: known === undefined }
}

/** The hash of this browser's id, without storing anything; undefined when it has none. */
export async function pendingBrowserHash(request: Request, shell: PendingBrowserPorts): Promise<string | undefined> {
  const { browserId = preSessionId(request, shell) } = await recordOf(request)
  return browserId === undefined ? undefined : browserHash(browserId)
}

/** Gives the browser an id in a sealed cookie, so that viewing a page stores nothing. */
export function setVisitorCookie(request: Request, shell: PendingBrowserPorts, response: Response): void {
  if (hasRecord(request, shell)) return
  const name = preSessionCookieName(shell)
  // the same id again, so that a login begun now does not outlive the cookie
  const id = preSessionId(request, shell) ?? shell.parts.random(32).toString('base64url')
  const value = shell.keyRing.seal(id, name).toString('base64url')
  response.cookie(name, value, { ...loginCookie(shell), maxAge: keptSeconds * 1000 })
}

function preSessionId(request: Request, shell: PendingBrowserPorts): string | undefined {
  const id = (name: string) => {
    const value = readCookie(request.headers.cookie, name)
    return value === null ? undefined : shell.keyRing.open(Buffer.from(value, 'base64url'), name)?.content.toString()
  }
  return id(preSessionCookieName(shell)) ?? id(formerPreSessionCookieName(shell))
}

const hasRecord = (request: Request, shell: PendingBrowserPorts) =>
  readCookie(request.headers.cookie, browserCookieName(shell)) !== null

/**
 * Leaves the cookie of a login that a new browser began. Of several tabs restored at once each gets
 * a record, and the last cookie wins (SE-11). It outlives the login, so that a late callback is
 * recognized.
 */
export function setLoginCookie(
  shell: PendingBrowserPorts,
  response: Response,
  browser: PendingBrowser,
  state: string,
): void {
  if (!browser.isNew) return
  const name = loginCookieName(shell, state)
  const value = shell.keyRing.seal(browser.hash, name).toString('base64url')
  response.cookie(name, value, { ...loginCookie(shell), maxAge: resumeSeconds * 1000 })
}

/** The hash of the id of the browser a callback comes from; undefined when it brought none. */
export async function browserOfCallback(
  shell: PendingBrowserPorts,
  request: Request,
  response: Response,
  state: string,
): Promise<string | undefined> {
  const name = loginCookieName(shell, state)
  const value = readCookie(request.headers.cookie, name)
  if (value !== null) response.clearCookie(name, loginCookie(shell))
  const marked = value === null ? null : shell.keyRing.open(Buffer.from(value, 'base64url'), name)
  if (marked !== null) return marked.content.toString()
  return pendingBrowserHash(request, shell)
}

const preSessionCookieName = ({ cookie }: Pick<Shell, 'cookie'>) =>
  cookie.secure ? '__Host-gatehouse_pre_session' : 'gatehouse_pre_session'
/** Of a login begun at an older version. */
const formerPreSessionCookieName = ({ cookie }: Pick<Shell, 'cookie'>) =>
  cookie.secure ? '__Host-gatehouse_visitor' : 'gatehouse_visitor'
const browserCookieName = ({ cookie }: Pick<Shell, 'cookie'>) =>
  cookie.secure ? '__Host-gatehouse_browser' : 'gatehouse_browser'

function loginCookieName({ cookie }: PendingBrowserPorts, state: string): string {
  return `${cookie.secure ? '__Host-' : ''}gatehouse_login_${secretHash(state).slice(0, 10)}`
}

const loginCookie = ({ cookie }: Pick<Shell, 'cookie'>) =>
  ({ httpOnly: true, sameSite: 'lax', secure: cookie.secure, path: '/' }) as const

class BrowserStore extends Store {
  readonly #browsers: Browsers
  /** Stored browser ids by session: express-session saves again at the end of a response. */
  readonly #storedIds = new HiddenProperty<object, string>()

  constructor(browsers: Browsers) {
    super()
    this.#browsers = browsers
  }

  override get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.#browsers.get(id).then((content) => done(null, content === null ? null : parseRecord(content)), done)
  }

  override set(id: string, session: SessionData, done: (error?: unknown) => void = () => {}): void {
    if (this.#storedIds.get(session) === session.browserId) return done()
    this.#browsers
      .put(id, JSON.stringify(session), keptSeconds)
      .then(() => this.#storedIds.set(session, session.browserId))
      .then(() => done(), done)
  }

  override destroy(id: string, done: (error?: unknown) => void = () => {}): void {
    this.#browsers.remove(id).then(() => done(), done)
  }
}

/** A record that cannot be read counts as none: the browser gets a new one. */
function parseRecord(content: string): SessionData | null {
  try {
    const record: SessionData = JSON.parse(content)
    return typeof record === 'object' && record !== null && 'cookie' in record ? record : null
  } catch {
    return null
  }
}
