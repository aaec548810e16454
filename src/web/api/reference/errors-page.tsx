/** `/api/errors`: the codes of problem documents. */
import { type ErrorCode, errorTable } from '../../../errors.ts'
import { errorTexts } from '../../../http/error-texts.ts'
import { errorsPath } from './anchors.ts'
import { type ApiPageProps, renderApiPage } from './api-layout.tsx'

export function errorsPage(props: ApiPageProps): string {
  return renderApiPage({
    ...props,
    title: 'Errors of the API',
    path: errorsPath,
    children: (
      <section class="card">
        <h1>Errors</h1>
        <p>
          Every error is a problem document (RFC 9457) with <code>title</code>, <code>status</code> and{' '}
          <code>detail</code>. Gatehouse adds <code>code</code>, <code>fixer</code> (who can fix it) and the{' '}
          <code>reference</code> that finds it in the logs. A 429 or 503 has <code>Retry-After</code>.
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard */}
        <section class="sample" aria-label="All problems" tabIndex={0}>
          <table class="error-codes">
            <thead>
              <tr>
                <th scope="col">Code</th>
                <th scope="col">Status</th>
                <th scope="col">Who can fix it</th>
                <th scope="col">What happened</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(errorTable).map(([code, { status, fixer }]) => (
                <tr key={code} id={code}>
                  <th scope="row">
                    <code>{code}</code>
                  </th>
                  <td data-label="Status">{status}</td>
                  <td data-label="Who can fix it">{fixer}</td>
                  <td>{errorTexts[code as ErrorCode].title}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </section>
    ),
  })
}
