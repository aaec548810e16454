/** `/api`: each operation with its callers and an example request and response. */
import { renderLayout, safeHref } from '../../pages/layout.tsx'

export interface ApiPageProps {
  readonly groups: readonly ApiGroup[]
  readonly failures: readonly ApiFailure[]
  /** URL of the OpenAPI document. */
  readonly documentHref: string
}

export interface ApiGroup {
  /** Also the anchor. */
  readonly name: string
  readonly title: string
  readonly text: string
  readonly credentials: readonly { readonly name: string; readonly text: string }[]
  readonly operations: readonly ApiOperation[]
}

export interface ApiOperation {
  /** Also the anchor. */
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly description?: string | undefined
  /** Names; any one of them suffices. */
  readonly credentials: readonly string[]
  readonly parameters: readonly { readonly name: string; readonly text: string }[]
  readonly request: string
  readonly answer: string
  readonly failures: readonly string[]
}

export interface ApiFailure {
  readonly code: string
  readonly status: number
  readonly fixer: string
  readonly title: string
}

export function openApiPage({ groups, failures, documentHref }: ApiPageProps): string {
  return renderLayout({
    title: 'The API',
    wide: true,
    children: (
      <>
        <div class="card">
          <h1>The API</h1>
          <p>
            JSON in and out under <code>/api/v1</code>. For programs there is an{' '}
            <a href={safeHref(documentHref)}>OpenAPI document</a>. What fails answers with a problem document, whose{' '}
            <code>code</code> stays the same for ever: <a href="#problems">all of them</a>.
          </p>
          <nav aria-label="Operations">
            <ul class="contents">{groups.map(Contents)}</ul>
          </nav>
        </div>
        {groups.map(Group)}
        <Problems failures={failures} />
      </>
    ),
  })
}

function Contents({ name, title, operations }: ApiGroup) {
  return (
    <li key={name}>
      <a href={`#${name}`}>{title}</a>
      <ul>
        {operations.map(({ id, summary }) => (
          <li key={id}>
            <a href={`#${id}`}>{summary}</a>
          </li>
        ))}
      </ul>
    </li>
  )
}

function Group({ name, title, text, credentials, operations }: ApiGroup) {
  return (
    <section key={name} class="card" id={name} aria-labelledby={`${name}-title`}>
      <h2 id={`${name}-title`}>{title}</h2>
      <p>
        <InlineCode text={text} />
      </p>
      {credentials.length > 0 && (
        <dl>
          {credentials.map((credential) => (
            <div key={credential.name}>
              <dt>{credential.name}</dt>
              <dd>
                <InlineCode text={credential.text} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {operations.map(Operation)}
    </section>
  )
}

function Operation(operation: ApiOperation) {
  const { id, method, path, summary, description, credentials, parameters, request, answer, failures } = operation
  return (
    <article key={id} class="operation" id={id}>
      <h3>{summary}</h3>
      <p>
        <code>
          {method} {path}
        </code>
      </p>
      {description !== undefined && (
        <p>
          <InlineCode text={description} />
        </p>
      )}
      <dl>
        {credentials.length > 0 && (
          <div>
            <dt>Authentication</dt>
            <dd>{credentials.join(' or ')}</dd>
          </div>
        )}
        {parameters.map((parameter) => (
          <div key={parameter.name}>
            <dt>
              <code>{parameter.name}</code>
            </dt>
            <dd>{parameter.text}</dd>
          </div>
        ))}
        {failures.length > 0 && (
          <div>
            <dt>Errors</dt>
            <dd>
              {failures.map((code, at) => (
                <>
                  {at > 0 && ', '}
                  <a href={`#${code}`}>
                    <code>{code}</code>
                  </a>
                </>
              ))}
            </dd>
          </div>
        )}
      </dl>
      <Sample name={`Request: ${summary}`} text={request} />
      <Sample name={`Answer: ${summary}`} text={answer} />
    </article>
  )
}

/** Scrolls when wider than the page, also by keyboard. */
function Sample({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be focusable
    <section class="sample" aria-label={name} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  )
}

function Problems({ failures }: Pick<ApiPageProps, 'failures'>) {
  return (
    <section class="card" id="problems" aria-labelledby="problems-title">
      <h2 id="problems-title">Problems</h2>
      <p>
        Every refusal is a problem document (RFC 9457): <code>title</code>, <code>status</code>, <code>detail</code>,
        and of ours <code>code</code>, <code>fixer</code> and the <code>reference</code> that finds it in our logs. With
        429 and 503 comes <code>Retry-After</code>.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be focusable */}
      <section class="sample" aria-label="All problems" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">Status</th>
              <th scope="col">Who can fix it</th>
              <th scope="col">What happened</th>
            </tr>
          </thead>
          <tbody>
            {failures.map(({ code, status, fixer, title }) => (
              <tr key={code} id={code}>
                <th scope="row">
                  <code>{code}</code>
                </th>
                <td>{status}</td>
                <td>{fixer}</td>
                <td>{title}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

/** Renders text between backticks as code. */
function InlineCode({ text }: { readonly text: string }) {
  return text.split('`').map((piece, at) => (at % 2 === 0 ? piece : <code>{piece}</code>))
}
