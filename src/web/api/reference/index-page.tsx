/** `/api`: how to authenticate, and all operations by section. */
import { apiFilterScript } from '../../../pages/assets.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { CodeText, Fact } from '../../../pages/parts.tsx'
import { credentials } from '../route.ts'
import { apiPath, errorsPath, sectionHref } from './anchors.ts'
import { type ApiPageProps, OperationList, renderApiPage } from './api-layout.tsx'

export interface IndexPageProps extends ApiPageProps {
  /** URL of the OpenAPI document. */
  readonly documentHref: string
}

export function indexPage({ documentHref, ...props }: IndexPageProps): string {
  return renderApiPage({
    ...props,
    title: 'API reference',
    path: apiPath,
    scriptPaths: [apiFilterScript.path],
    children: (
      <>
        <section class="card">
          <h1>API reference</h1>
          <p>
            JSON in and out under <code>/api/v1</code>. For programs there is an{' '}
            <a href={safeHref(documentHref)}>OpenAPI document</a>. An error is a problem document, whose{' '}
            <code>code</code> never changes: <a href={errorsPath}>see all codes</a>.
          </p>
        </section>
        <Operations sections={props.sections} />
        <Credentials />
      </>
    ),
  })
}

function Operations({ sections }: Pick<ApiPageProps, 'sections'>) {
  return (
    <section class="card" id="operations" aria-labelledby="operations-title">
      <h2 id="operations-title">Operations</h2>
      <div class="api-filter" hidden>
        <label for="filter">Filter operations</label>
        <input id="filter" type="search" placeholder="Name or path" autocomplete="off" spellcheck={false} />
        <p class="small" role="status" />
      </div>
      {sections.map((section) => (
        <section key={section.id} class="api-operations" aria-label={section.title}>
          <h3>
            <a href={sectionHref(section)}>{section.title}</a>
          </h3>
          <OperationList routes={section.routes} page={sectionHref(section)} />
        </section>
      ))}
    </section>
  )
}

function Credentials() {
  return (
    <section class="card" id="authentication" aria-labelledby="authentication-title">
      <h2 id="authentication-title">Authentication</h2>
      <p>Each operation names the credentials that it accepts.</p>
      <dl>
        {Object.entries(credentials).map(([id, { name, text }]) => (
          <Fact key={id} label={name}>
            <CodeText text={text} />
          </Fact>
        ))}
      </dl>
    </section>
  )
}
