import * as oidc from 'openid-client'

const { ISSUER = 'http://localhost:4000', CLIENT_ID, CLIENT_SECRET, PORT = '3000' } = process.env
export const ORIGIN = process.env.ORIGIN ?? `http://localhost:${PORT}`

const isLocal = ISSUER.startsWith('http://localhost:')
const execute = [oidc.enableNonRepudiationChecks, ...(isLocal ? [oidc.allowInsecureRequests] : [])]
let discovered

/** The metadata of Gatehouse, read once. A failed discovery is tried again at the next request. */
export function gatehouse() {
  discovered ??= oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, { execute }).catch((error) => {
    discovered = undefined
    throw error
  })
  return discovered
}
