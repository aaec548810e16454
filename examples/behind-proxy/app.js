/** An app without sign-in of its own, behind a reverse proxy that asks Gatehouse: it verifies the signed header. */
import { createServer } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const {
  ISSUER = 'http://localhost:4000',
  AUDIENCE = 'http://localhost:4023',
  TENANT = 'demo',
  PORT = '3000',
} = process.env
const keys = createRemoteJWKSet(new URL('/oauth2/jwks', ISSUER))
const checks = { issuer: ISSUER, audience: AUDIENCE, typ: 'forward-auth+jwt', requiredClaims: ['exp', 'sub', 'tenant'] }

/** The user, or null if the request did not pass the proxy. */
async function userOf({ headers }) {
  try {
    const { payload } = await jwtVerify(headers['x-auth-token'] ?? '', keys, checks)
    return payload.tenant === TENANT ? payload : null
  } catch (error) {
    console.error(error.message)
    return null
  }
}

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`)

const server = createServer(async (request, response) => {
  const user = await userOf(request)
  response.writeHead(user === null ? 401 : 200, { 'content-type': 'text/html; charset=utf-8' })
  if (user === null) return response.end('<p>Open this app through the proxy.')
  response.end(`<p>Hello, ${escapeHtml(user.name ?? user.email)}. <a href="${ISSUER}/account">Your account</a>`)
})
server.listen(Number(PORT), '127.0.0.1', () => console.log(`The proxy finds the app at http://127.0.0.1:${PORT}`))
