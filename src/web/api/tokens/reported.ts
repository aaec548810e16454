/** `POST /api/v1/tokens/reported`: secret scanners report credentials that they found in public. */
import { hash } from 'node:crypto'
import { enforceSourceLimit } from '../../../broker/limits/rate-limits.ts'
import { reportLeak } from '../../../broker/secrets/report-leak.ts'
import { exampleApiTokenText } from '../openapi/examples.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'

const type = 'gatehouse_api_token'

export const reportedRoute = apiRoute('reportLeaks', 'post', '/api/v1/tokens/reported', {
  caller: 'anyone',
  permission: 'none',
  summary: 'Report credentials found in public',
  description: [
    "Request and response have the format of GitHub's secret scanning partner program.",
    'API tokens, session tokens and client secrets are revoked at once, and their owners are emailed; a secret of gatehouse.yaml must be changed there.',
    'The credential itself is the proof, so the signature of the request is not checked.',
  ].join(' '),
  body: {
    schema: schemas.LeakReport,
    example: [{ token: exampleApiTokenText, type, url: 'https://git.example/acme/app/blob/1/.env', source: 'content' }],
  },
  answer: answer(200, 'Which of them were ours.', schemas.LeakReportAnswer, [
    { token_hash: 'uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=', token_type: type, label: 'true_positive' },
  ]),
  errors: ['too_many_attempts'],
  handler: async ({ shell: { parts, log }, body, client }) => {
    const onDeclaredSecret = ({ app, id }: { readonly app: string | undefined; readonly id: string }) =>
      log.warn({ app, secret: id }, 'a secret of gatehouse.yaml was found in public and stays valid: change it there')
    await enforceSourceLimit(parts.counters, 'leak-report', client.source)
    const results = []
    // handled one by one: a report may name one credential twice
    for (const { token, type: reported = '', url } of body) {
      const found = await reportLeak({ ...parts, onDeclaredSecret }, { text: token, url })
      const label = found === undefined ? ('false_positive' as const) : ('true_positive' as const)
      results.push({ token_hash: hash('sha256', token, 'base64'), token_type: reported, label })
    }
    return results
  },
})
