/** A declared first-party app with a client secret. */
import type { Page } from '../browser/test-browser.ts'

export const declaredSecret = 'declared-client-secret-of-32-characters'
export const settings = `apps:
  own:
    name: Own
    kind: service
    tenants: all
    scopes: [email]
    firstParty: true
    secrets: [${declaredSecret}]
`
export const read = (page: Page) => (page.body === '' ? null : JSON.parse(page.body))
