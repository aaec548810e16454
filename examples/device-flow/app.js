/** Sign-in on a device without a browser, such as a TV or a server: the device flow (RFC 8628). */
import { createInterface } from 'node:readline/promises'
import * as oidc from 'openid-client'

const { ISSUER = 'http://localhost:4000', CLIENT_ID } = process.env
const isLocal = ISSUER.startsWith('http://localhost:')
const execute = [oidc.enableNonRepudiationChecks, ...(isLocal ? [oidc.allowInsecureRequests] : [])]
const gatehouse = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, oidc.None(), { execute })

const device = await oidc.initiateDeviceAuthorization(gatehouse, { scope: 'openid profile email' })
console.log(`Open ${device.verification_uri} on your phone or computer, and enter the code ${device.user_code}`)

// Asks every few seconds until the user has answered, or the code has expired.
const tokens = await oidc.pollDeviceAuthorizationGrant(gatehouse, device).catch((error) => {
  console.error(`The sign-in failed: ${error.error_description ?? error.message}`)
  process.exit(1)
})
const { sub, name, email } = await oidc.fetchUserInfo(gatehouse, tokens.access_token, tokens.claims().sub)
console.log(`Hello, ${name ?? email}. Your user ID is ${sub}.`)

const terminal = createInterface({ input: process.stdin, output: process.stdout })
await terminal.question('Press Enter to sign out. ')
terminal.close()
await oidc.tokenRevocation(gatehouse, tokens.refresh_token)
console.log('Signed out.')
