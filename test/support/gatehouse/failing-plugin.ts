/** A plugin that fails in the way that its connection names. */
import { strategyProvider } from 'gatehouse/passport'
import { z } from 'zod'

interface Attempt {
  success(user: object): void
  redirect(url: string): void
}

interface Request {
  readonly query: Readonly<Record<string, string>>
  readonly res: { cookie(name: string, value: string): void }
}

export const faultsAtStart = [
  'throws',
  'opens nothing',
  'hangs',
  'redirects elsewhere',
  'redirects without state',
] as const
export const faultsAtCallback = [
  'returns nobody',
  'returns a long subject',
  'sets a cookie',
  'redirects again',
] as const
const faults = [...faultsAtStart, ...faultsAtCallback]

const begin: Partial<Record<(typeof faults)[number], (attempt: Attempt, state: string) => void>> = {
  throws: () => {
    throw new Error('canary of a plugin')
  },
  hangs: () => undefined,
  'redirects elsewhere': (attempt, state) => attempt.redirect(`https://evil.example/in?state=${state}`),
  'redirects without state': (attempt) => attempt.redirect('https://idp.example/in'),
}

const complete: Partial<Record<(typeof faults)[number], (attempt: Attempt, request: Request) => void>> = {
  'returns nobody': (attempt) => attempt.success({ displayName: 'Nobody' }),
  'returns a long subject': (attempt) => attempt.success({ id: 'x'.repeat(10_000) }),
  'sets a cookie': (attempt, { res }) => {
    res.cookie('gatehouse_session', 'canary')
    attempt.success({ id: 'ada' })
  },
  'redirects again': (attempt) => attempt.redirect('https://evil.example/in'),
}

export const provider = strategyProvider({
  kind: 'failing',
  brand: { name: 'Failing' },
  issuer: 'https://idp.example',
  config: z.strictObject({ fault: z.enum(faults) }),
  strategy: ({ fault }) => {
    if (fault === 'opens nothing') throw new TypeError('canary of a plugin')
    return {
      authenticate(this: Attempt, request: Request, { state }: { state: string }) {
        if (request.query['ticket'] !== undefined) return complete[fault]?.(this, request)
        const usual = () => this.redirect(`https://idp.example/in?state=${state}`)
        return (begin[fault] ?? usual)(this, state)
      },
    }
  },
})
