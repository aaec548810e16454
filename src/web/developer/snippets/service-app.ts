/** A program that calls an API as itself (client credentials, RFC 6749 4.4). */
import { discoveryLines, importLines, usesKey, variablesOf } from './discovery.ts'
import type { Snippet, SnippetFacts, WantedApi } from './facts.ts'

const unknownApi: WantedApi = { id: 'https://api.example.com/', scopes: ['scope.of.that.api'] }

export function serviceApp(facts: SnippetFacts): Snippet {
  const { app, wanted } = facts
  const [api = unknownApi] = wanted
  const text = `${importLines(facts)}

${discoveryLines(facts)}
const { access_token } = await oidc.clientCredentialsGrant(gatehouse, {
  scope: '${api.scopes.join(' ')}',
  resource: '${api.id}', // the API that you call
})
const answer = await fetch('${api.id}', { headers: { authorization: \`Bearer \${access_token}\` } })
console.log(answer.status)
`
  const packages = usesKey(app) ? 'openid-client jose' : 'openid-client'
  return {
    intro: 'A program that gets an access token for itself and calls an API with it.',
    files: [
      { name: 'service.mjs', text },
      { name: 'Terminal', text: `npm install ${packages}\n${variablesOf(app)}node service.mjs\n` },
    ],
  }
}
