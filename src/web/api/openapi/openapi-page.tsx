/** `/api`: each operation with its callers and an example request and response. */

import { isSessionOnly } from '../../../broker/access/permission.ts'
import { type ErrorCode, errorTable } from '../../../errors.ts'
import { errorTexts } from '../../../http/error-texts.ts'
import { apiFilterScript, developerStylesheet } from '../../../pages/assets.ts'
import { renderLayout, safeHref } from '../../../pages/layout.tsx'
import { CopyButton, Fact } from '../../../pages/parts.tsx'
import { SiteHeader } from '../../../pages/site/site-header.tsx'
import type { Viewer } from '../../../pages/site/viewer.ts'
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

export interface OpenApiPageProps {
  readonly routes: readonly ApiRoute[]
  readonly origin: string
  /** URL of the OpenAPI document. */
  readonly documentHref: string
  /** The tenant in examples. Default: that of the examples, `acme`. */
  readonly tenant?: string | undefined
  /** Undefined without a session. */
  readonly viewer: Viewer | undefined
}

interface GroupProps extends Pick<OpenApiPageProps, 'origin' | 'tenant'> {
  readonly caller: Caller
  readonly routes: readonly ApiRoute[]
}

export function openApiPage({ routes, origin, documentHref, tenant, viewer }: OpenApiPageProps): string {
  const groups = (Object.keys(callers) as Caller[]).map((caller) => ({
    ...{ caller, origin, tenant },
    routes: routes.filter((route) => route.caller === caller),
  }))
  return renderLayout({
    title: 'API reference',
    tenant: viewer?.tenant,
    width: 'broad',
    styles: developerStylesheet.path,
    scriptPaths: [apiFilterScript.path],
    header: <SiteHeader part="api" viewer={viewer} />,
    children: (
      <div class="api">
        <nav class="api-nav" aria-label="Operations">
          <div class="api-filter" hidden>
            <label for="filter">Filter operations</label>
            <input id="filter" type="search" placeholder="Name or path" autocomplete="off" spellcheck={false} />
            <p class="small" role="status" />
          </div>
          <ul>
            {groups.map(Contents)}
            <li>
              <a href="#problems">Errors</a>
            </li>
          </ul>
        </nav>
        <div class="api-content">
          <section class="card">
            <h1>API reference</h1>
            <p>
              JSON in and out under <code>/api/v1</code>. For programs there is an{' '}
              <a href={safeHref(documentHref)}>OpenAPI document</a>. An error is a problem document, whose{' '}
              <code>code</code> never changes: <a href="#problems">see all codes</a>.
            </p>
          </section>
          {groups.map(Group)}
          <Problems />
        </div>
      </div>
    ),
  })
}

function Contents({ caller, routes }: GroupProps) {
  return (
    <li key={caller}>
      <a href={`#${anchorOf(caller)}`}>{callers[caller].title}</a>
      <ul>
        {routes.map(({ id, method, path, summary }) => (
          <li key={id}>
            <a href={`#${id}`} data-operation={`${id} ${method} ${templateOf(path)} ${summary}`.toLowerCase()}>
              <Method name={method} /> {summary}
            </a>
          </li>
        ))}
      </ul>
    </li>
  )
}

const Method = ({ name }: { readonly name: ApiRoute['method'] }) => (
  <span class={`http-method ${name}`}>{name.toUpperCase()}</span>
)

function Group({ caller, routes, origin, tenant }: GroupProps) {
  const { title, text } = callers[caller]
  const anchor = anchorOf(caller)
  const accepted = [...new Set(routes.flatMap(credentialsOf))]
  return (
    <section key={caller} class="card" id={anchor} aria-labelledby={`${anchor}-title`}>
      <h2 id={`${anchor}-title`}>{title}</h2>
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
        <Operation key={route.id} {...{ route, origin, tenant }} />
      ))}
    </section>
  )
}

type OperationProps = Pick<GroupProps, 'origin' | 'tenant'> & { readonly route: ApiRoute }

function Operation({ route, origin, tenant }: OperationProps) {
  const { id, method, path, permission, summary, params, query, answer } = route
  const description = descriptionOf(route)
  const accepted = credentialsOf(route).map((credential) => credentials[credential].name)
  const failures = errorsOf(route)
  const content = answer.example === undefined ? '' : `\n\n${pretty(answer.example)}`
  return (
    <article class="operation" id={id}>
      <div class="operation-text">
        <h3>{summary}</h3>
        <p>
          <Method name={method} /> <code>{templateOf(path)}</code>
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
      </div>
      <div class="operation-samples">
        <Sample
          name={`Request: ${summary}`}
          text={inTenant(requestSample(route, origin), tenant)}
          copied={`${id}-request`}
        />
        <Sample
          name={`Answer: ${summary}`}
          text={inTenant(`${answer.status} ${answer.description}${content}`, tenant)}
        />
      </div>
    </article>
  )
}

/** The examples are of the tenant `acme`. */
const inTenant = (text: string, tenant: string | undefined) =>
  tenant === undefined ? text : text.replaceAll('"acme"', () => JSON.stringify(tenant))

interface SampleProps {
  readonly name: string
  readonly text: string
  /** Id of the text, which gets a button that copies it. */
  readonly copied?: string
}

/** Scrolls when wider than the page, also by keyboard. */
function Sample({ name, text, copied }: SampleProps) {
  return (
    <div class="sample-box">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be focusable */}
      <section class="sample" aria-label={name} tabIndex={0}>
        <pre id={copied}>{text}</pre>
      </section>
      {copied !== undefined && <CopyButton of={copied} label={name} />}
    </div>
  )
}

function Problems() {
  return (
    <section class="card" id="problems" aria-labelledby="problems-title">
      <h2 id="problems-title">Errors</h2>
      <p>
        Every error is a problem document (RFC 9457) with <code>title</code>, <code>status</code> and{' '}
        <code>detail</code>. Gatehouse adds <code>code</code>, <code>fixer</code> (who can fix it) and the{' '}
        <code>reference</code> that finds it in the logs. A 429 or 503 has <code>Retry-After</code>.
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

/** An id has no spaces. */
const anchorOf = (caller: Caller) => caller.replaceAll(' ', '-')
