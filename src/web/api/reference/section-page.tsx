/** `/api/{section}`: its operations, each with an example request and response. */
import { isSessionOnly } from '../../../broker/access/permission.ts'
import { CodeText, CopyButton, Fact } from '../../../pages/parts.tsx'
import type { ApiSection } from '../openapi/openapi-document.ts'
import { type ApiRoute, callers, credentials, credentialsOf, descriptionOf, errorsOf, templateOf } from '../route.ts'
import { anchorOf, apiPath, errorHref, sectionHref } from './anchors.ts'
import { type ApiPageProps, Method, OperationList, renderApiPage } from './api-layout.tsx'

export interface SectionPageProps extends ApiPageProps {
  readonly section: ApiSection
  readonly origin: string
  /** Tenant of the signed-in reader, or the default tenant; undefined: examples keep `acme`. */
  readonly tenant: string | undefined
}

export function sectionPage({ section, origin, tenant, ...props }: SectionPageProps): string {
  return renderApiPage({
    ...props,
    title: `${section.title} – API reference`,
    path: sectionHref(section),
    children: (
      <section class="card">
        <h1>{section.title}</h1>
        <p>{section.text}</p>
        <nav class="api-contents" aria-label="Operations">
          <OperationList routes={section.routes} />
        </nav>
        <Callers routes={section.routes} />
        {section.routes.map((route) => (
          <Operation key={route.id} route={route} origin={origin} tenant={tenant} />
        ))}
      </section>
    ),
  })
}

function Callers({ routes }: Pick<ApiSection, 'routes'>) {
  const named = [...new Set(routes.map(({ caller }) => caller))]
  return (
    <dl>
      {named.map((caller) => (
        <Fact key={caller} label={callers[caller].title}>
          <CodeText text={callers[caller].text} />
        </Fact>
      ))}
    </dl>
  )
}

type OperationProps = Pick<SectionPageProps, 'origin' | 'tenant'> & { readonly route: ApiRoute }

function Operation({ route, origin, tenant }: OperationProps) {
  const { method, path, permission, summary, params, query, answer } = route
  const anchor = anchorOf(route)
  const description = descriptionOf(route)
  const accepted = credentialsOf(route).map((credential) => credentials[credential].name)
  const content = answer.example === undefined ? '' : `\n\n${pretty(answer.example)}`
  return (
    <article class="operation" id={anchor}>
      <div class="operation-text">
        <h2>{summary}</h2>
        <p>
          <Method name={method} /> <code>{templateOf(path)}</code>
        </p>
        {description !== undefined && (
          <p>
            <CodeText text={description} />
          </p>
        )}
        <dl>
          <Fact label="Caller">{callers[route.caller].title}</Fact>
          {accepted.length > 0 && (
            <Fact label={<a href={`${apiPath}#authentication`}>Authentication</a>}>{accepted.join(' or ')}</Fact>
          )}
          {permission !== 'none' && (
            <Fact label="Permission">
              <code>{permission}</code>
              {isSessionOnly(permission) && ', which no API token has'}
            </Fact>
          )}
          {Object.entries({ ...params?.shape, ...query?.shape }).map(([name, schema]) => (
            <Fact key={name} label={<code>{name}</code>}>
              {schema.description}
            </Fact>
          ))}
          <Failures route={route} />
        </dl>
      </div>
      <div class="operation-samples">
        <Sample
          label="Request"
          summary={summary}
          text={inTenant(requestSample(route, origin), tenant)}
          copyId={`${anchor}-request`}
        />
        <Sample
          label="Response"
          summary={summary}
          text={inTenant(`${answer.status} ${answer.description}${content}`, tenant)}
        />
      </div>
    </article>
  )
}

function Failures({ route }: Pick<OperationProps, 'route'>) {
  const failures = errorsOf(route)
  if (failures.length === 0) return null
  return (
    <Fact label="Errors">
      {failures.map((code, at) => (
        <>
          {at > 0 && ', '}
          <a href={errorHref(code)}>
            <code>{code}</code>
          </a>
        </>
      ))}
    </Fact>
  )
}

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

/** The examples are of the tenant `acme`. */
const inTenant = (text: string, tenant: string | undefined) =>
  tenant === undefined
    ? text
    : text.replaceAll('"acme"', () => JSON.stringify(tenant)).replaceAll('/{tenant}', () => `/${tenant}`)

interface SampleProps {
  readonly label: 'Request' | 'Response'
  /** Summary of the operation, for the label. */
  readonly summary: string
  readonly text: string
  /** ID of the text, for a button that copies it. */
  readonly copyId?: string
}

/** Scrolls sideways, and takes focus so that keys can scroll it. */
function Sample({ label, summary, text, copyId }: SampleProps) {
  const name = `${label}: ${summary}`
  return (
    <div class="code">
      <div class="code-head">
        <h3>{label}</h3>
        {copyId !== undefined && <CopyButton of={copyId} label={name} />}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be focusable */}
      <section class="sample" aria-label={name} tabIndex={0}>
        <pre id={copyId}>{text}</pre>
      </section>
    </div>
  )
}
