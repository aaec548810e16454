/** Apps that exchange authorization codes for sessions. */
import { generateKeyPairSync } from 'node:crypto'
import type { Page } from '../browser/test-browser.ts'
import { portalYaml } from './connections.ts'

export const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const elder = {
  id: 'elder',
  secret: 'canary-secret-of-the-elder-0123456789',
  redirectUri: 'https://elder.test/cb',
}
export const shop = { id: 'shop', secret: 'canary-secret-of-the-shop-0123456789', redirectUri: 'https://shop.test/cb' }

export const looseSecret = 'canary-secret-of-the-loose-0123456789'

export const apps = `${portalYaml}  signer:
    name: Signer
    kind: web
    firstParty: true
    redirectUris: ['https://signer.test/cb']
    tenants: [acme]
    keys:
      - publicKey: |
${String(keys.publicKey.export({ type: 'spki', format: 'pem' }))
  .replace(/^/gm, '          ')
  .trimEnd()}
  elder:
    name: Elder
    kind: web
    firstParty: true
    pkce: or-nonce
    redirectUris: ['${elder.redirectUri}']
    tenants: [acme]
    secrets: ['${elder.secret}']
  loose:
    name: Loose
    kind: web
    firstParty: true
    pkce: optional
    redirectUris: ['https://loose.test/cb']
    tenants: [acme]
    secrets: ['${looseSecret}']
  page:
    name: Page
    kind: single-page
    firstParty: true
    redirectUris: ['https://page.test/cb']
    tenants: [acme]
  phone:
    name: Phone
    kind: native
    firstParty: true
    redirectUris: ['com.acme.phone:/cb', 'https://phone.test/cb']
    tenants: [acme]
  shop:
    name: Shop
    kind: web
    redirectUris: ['${shop.redirectUri}']
    tenants: [acme]
    secrets: ['${shop.secret}']
`

export const stated = (page: Page) => {
  const { code, detail } = JSON.parse(page.body)
  return [page.status, code, detail]
}
