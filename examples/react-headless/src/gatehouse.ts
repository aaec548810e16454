/** Calls of Gatehouse. The browser keeps the session in an HttpOnly cookie: no token in scripts. */
const gatehouse = import.meta.env['VITE_GATEHOUSE'] ?? 'http://localhost:4000'
const tenant = import.meta.env['VITE_TENANT'] ?? 'demo'
/** Listed in the tenant's mailLinks, exactly like this. */
const page = `${location.origin}/`

export interface Session {
  readonly id: string
  readonly current?: boolean
  readonly device: string
  readonly createdAt: string
  readonly profile: { readonly name?: string; readonly email?: string }
}

export class Refusal extends Error {
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${gatehouse}/api/v1/${path}`, {
    method,
    credentials: 'include',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = text === '' ? undefined : JSON.parse(text)
  if (!response.ok)
    throw new Refusal(response.status, json === undefined ? `HTTP ${response.status}` : `${json.title}. ${json.detail}`)
  return json
}

export const signIn = async (email: string, password: string) =>
  (await call<{ session: Session }>('POST', 'sessions', { tenant, email, password, cookie: true })).session

export const mailCode = (email: string) => call<void>('POST', 'sign-ups', { tenant, email, page })

export const completeSignUp = async (code: string, password: string) =>
  (await call<{ session: Session }>('POST', 'sign-ups/complete', { tenant, code, password, cookie: true })).session

/** Null without a session. */
export const currentSession = () =>
  call<Session>('GET', 'session').catch((error) => {
    if (error instanceof Refusal && error.status === 401) return null
    throw error
  })

export const listSessions = async () => (await call<{ sessions: Session[] }>('GET', 'sessions')).sessions
export const endSession = (id: string) => call<void>('DELETE', `sessions/${id}`)
export const signOut = () => call<void>('DELETE', 'session')
