/** `/api`: each operation with its callers and an example request and response. */

import { isSessionOnly } from '../../../broker/access/permission.ts'
import { type ErrorCode, errorTable } from '../../../errors.ts'
import { errorTexts } from '../../../http/error-texts.ts'
import { renderLayout, safeHref } from '../../../pages/layout.tsx'
import { Fact } from '../../../pages/parts.tsx'
import {
  type ApiRoute,
  type Caller,
  callers,
  credentials,
  credentialsOf,
  descriptionOf,
  errorsOf,
  templateOf,
} from '../route.ts'

const pretty = (value: unknown) => JSON.stringify(value, null, 2)

/** A command line to try. */
function requestSample({ method, path, caller, body }: ApiRoute, origin: string): string {
  const authorization = callers[caller].sample
  const lines = [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${origin}${templateOf(path)}`,
    ...(authorization === undefined ? [] : [`  -H "Authorization: ${authorization}"`]),
    ...(body === undefined ? [] : ["  -H 'Content-Type: application/json'", `  -d '${pretty(body.example)}'`]),
  ]
  return lines.join(' \\\n')
}

interface GroupProps {
  readonly caller: Caller
  readonly routes: readonly ApiRoute[]
  readonly origin: string
}

/** @param documentHref URL of the OpenAPI document */
export function openApiPage(routes: readonly ApiRoute[], origin: string, documentHref: string): string {
  const groups = (Object.keys(callers) as Caller[]).map((caller) => ({
    caller,
    origin,
    routes: routes.filter((route) => route.caller === caller),
  }))
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
        <Problems />
      </>
    ),
  })
}

function Contents({ caller, routes }: GroupProps) {
  return (
    <li key={caller}>
      <a href={`#${caller}`}>{callers[caller].title}</a>
      <ul>
        {routes.map(({ id, summary }) => (
          <li key={id}>
            <a href={`#${id}`}>{summary}</a>
          </li>
        ))}
      </ul>
    </li>
  )
}

function Group({ caller, routes, origin }: GroupProps) {
  const { title, text } = callers[caller]
  const accepted = [...new Set(routes.flatMap(credentialsOf))]
  return (
    <section key={caller} class="card" id={caller} aria-labelledby={`${caller}-title`}>
      <h2 id={`${caller}-title`}>{title}</h2>
      <p>
        <InlineCode text={text} />
      </p>
      {accepted.length > 0 && (
        <dl>
          {accepted.map((credential) => (
            <Fact key={credential} label={credentials[credential].name}>
              <InlineCode text={credentials[credential].text} />
            </Fact>
          ))}
        </dl>
      )}
      {routes.map((route) => (
        <Operation key={route.id} route={route} origin={origin} />
      ))}
    </section>
  )
}

function Operation({ route, origin }: { readonly route: ApiRoute; readonly origin: string }) {
  const { id, method, path, permission, summary, params, query, answer } = route
  const description = descriptionOf(route)
  const accepted = credentialsOf(route).map((credential) => credentials[credential].name)
  const failures = errorsOf(route)
  const content = answer.example === undefined ? '' : `\n\n${pretty(answer.example)}`
  return (
    <article class="operation" id={id}>
      <h3>{summary}</h3>
      <p>
        <code>
          {method.toUpperCase()} {templateOf(path)}
        </code>
      </p>
      {description !== undefined && (
        <p>
          <InlineCode text={description} />
        </p>
      )}
      <dl>
        {accepted.length > 0 && <Fact label="Authentication">{accepted.join(' or ')}</Fact>}
        {permission !== 'none' && (
          <Fact label="Permission">
            <code>{permission}</code>
            {isSessionOnly(permission) && ', which no API token has'}
          </Fact>
        )}
        {Object.entries({ ...params?.shape, ...query?.shape }).map(([name, schema]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{schema.description}</dd>
          </div>
        ))}
        {failures.length > 0 && (
          <Fact label="Errors">
            {failures.map((code, at) => (
              <>
                {at > 0 && ', '}
                <a href={`#${code}`}>
                  <code>{code}</code>
                </a>
              </>
            ))}
          </Fact>
        )}
      </dl>
      <Sample name={`Request: ${summary}`} text={requestSample(route, origin)} />
      <Sample name={`Answer: ${summary}`} text={`${answer.status} ${answer.description}${content}`} />
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

function Problems() {
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
            {Object.entries(errorTable).map(([code, { status, fixer }]) => (
              <tr key={code} id={code}>
                <th scope="row">
                  <code>{code}</code>
                </th>
                <td>{status}</td>
                <td>{fixer}</td>
                <td>{errorTexts[code as ErrorCode].title}</td>
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
