/** A browser before sign-in, in express-session: an id to which its pending logins are bound. */
import type { Request, RequestHandler } from 'express'
import expressSession, { type SessionData, Store } from 'express-session'
import type { Started } from '../../broker/login/outcome.ts'
import { type LoginRequest, startLogin } from '../../broker/login/start-login.ts'
import { browserHash, resumeSeconds } from '../../broker/login/transaction.ts'
import type { Browsers } from '../../broker/ports/volatile.ts'
import { secretHash } from '../../crypto/token.ts'
import { readCookie } from '../../http/cookies.ts'
import { ownCookieName, sealedCookie } from '../../http/sealed-cookie.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import type { Call, PartsOf, Shell, WithParts } from '../shell.ts'

export type PendingBrowserPorts = Pick<Shell, 'cookie' | 'keyRing'> & WithParts<'random'>

declare module 'express-session' {
  interface SessionData {
    /** Random; logins begun here may only be finished here. */
    browserId: string
  }
}

const keptSeconds = 86_400
const keptMs = keptSeconds * 1000
const recordCookie = 'gatehouse_browser'

export function browserSession(shell: PendingBrowserPorts & Pick<Shell, 'browsers'>): RequestHandler {
  const { secure } = shell.cookie
  const session = expressSession({
    name: ownCookieName(shell, recordCookie),
    secret: shell.keyRing.secretsFor('browser cookie'),
    store: new BrowserStore(shell.browsers),
    genid: () => shell.parts.random(24).toString('base64url'),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: keptMs },
  })
  return (request, response, next) => {
    loaders.set(request, () => {
      // express-session would look for TLS or X-Forwarded-Proto; the configuration decides
      Object.defineProperty(request, 'secure', { value: secure })
      return new Promise((done, failed) => session(request, response, (error) => (error ? failed(error) : done())))
    })
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
  /** Whether the browser sent no cookie of ours. */
  readonly isNew: boolean
  /** Resolves when its record is stored, which a redirect that relies on it must await. */
  readonly stored: Promise<void>
}

type BrowserCall = Call<PendingBrowserPorts>
type BrowserRequest = Pick<BrowserCall, 'shell' | 'request'>

const newId = ({ parts }: PendingBrowserPorts) => parts.random(32).toString('base64url')

/** The browser of a new login. */
export async function ensureBrowser({ shell, request }: BrowserRequest): Promise<PendingBrowser> {
  const session = await recordOf(request)
  const ownId = session.browserId ?? preSessionId({ shell, request })
  const id = ownId ?? newId(shell)
  const isStored = session.browserId !== undefined
  if (!isStored) session.browserId = id
  return { hash: browserHash(id), isNew: ownId === undefined, stored: isStored ? Promise.resolve() : save(session) }
}

/**
 * Starts a login in this browser. Both records travel in one write: neither waits for the other.
 */
export async function startInBrowser(
  call: Call<PendingBrowserPorts & PartsOf<typeof startLogin>>,
  login: Omit<LoginRequest, 'browser'>,
): Promise<Started> {
  const browser = await ensureBrowser(call)
  const request = { ...login, browser: browser.hash }
  const [started] = await Promise.all([startLogin(call.shell.parts, request), browser.stored])
  if (started.outcome !== 'refused') setLoginCookie(call, browser, started.state)
  return started
}

function save(session: Request['session']): Promise<void> {
  return new Promise((done, failed) => session.save((error) => (error ? failed(error) : done())))
}

/** The hash of this browser's id, without storing anything; undefined when it has none. */
export async function pendingBrowserHash(call: BrowserRequest): Promise<string | undefined> {
  const { browserId = preSessionId(call) } = await recordOf(call.request)
  return browserId === undefined ? undefined : browserHash(browserId)
}

const preSession = sealedCookie({ name: 'gatehouse_pre_session', keptMs })
/** Cookie of a login that an older version began. */
const formerPreSession = sealedCookie({ name: 'gatehouse_visitor', keptMs })

/** Gives the browser an id in a sealed cookie, so that viewing a page stores nothing. */
export function setVisitorCookie(call: BrowserCall): void {
  // the same id again, so that a login begun now does not outlive the cookie
  if (!hasRecord(call)) preSession.write(call.shell, call.response, preSessionId(call) ?? newId(call.shell))
}

function preSessionId({ shell, request: { headers } }: BrowserRequest): string | undefined {
  return preSession.read(shell, headers.cookie) ?? formerPreSession.read(shell, headers.cookie)
}

const hasRecord = ({ shell, request }: BrowserRequest) =>
  readCookie(request.headers.cookie, ownCookieName(shell, recordCookie)) !== null

/**
 * Cookie of a login that a new browser began. Of several tabs restored at once each gets a record,
 * and the last cookie wins (SE-11). It outlives the login, so that a late callback is recognized.
 */
const loginCookie = (state: string) =>
  sealedCookie({ name: `gatehouse_login_${secretHash(state).slice(0, 10)}`, keptMs: resumeSeconds * 1000 })

function setLoginCookie({ shell, response }: BrowserCall, browser: PendingBrowser, state: string): void {
  if (browser.isNew) loginCookie(state).write(shell, response, browser.hash)
}

/** The hash of the id of the browser a callback comes from; undefined when it brought none. */
export async function browserOfCallback(call: BrowserCall, state: string): Promise<string | undefined> {
  const { shell, request, response } = call
  const cookie = loginCookie(state)
  const hash = cookie.read(shell, request.headers.cookie)
  if (hash !== undefined) cookie.clear(shell, response)
  return hash ?? pendingBrowserHash(call)
}

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
