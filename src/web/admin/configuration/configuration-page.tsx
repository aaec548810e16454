import type { Administrator } from '../../../broker/access/target.ts'
import { withQuery } from '../../../http/destination.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { LinkButton, Message, Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import type {
  ConfigurationFile,
  ConfigurationRemark,
  ConfigurationSetting,
} from '../../../primitives/configuration-file.ts'
import { TextField } from '../../developer/developer-fields.tsx'
import { renderAdminPage } from '../admin-layout.tsx'
import { SearchButton } from '../filter-field.tsx'
import { sections } from '../sections.ts'
import type { ListedTenant, TenantPage } from './tenant-list.ts'

const { path } = sections.configuration

interface ConfigurationPageProps {
  readonly by: Administrator
  /** Undefined: the deployment. */
  readonly tenant: string | undefined
  readonly file: ConfigurationFile
}

/** Admins have one file: it is the section itself. */
function titleOf(by: Administrator, tenant: string | undefined): string {
  if (tenant === undefined) return 'Configuration of the deployment'
  return by.roles.includes('operator') ? `Configuration of ${tenant}` : 'Configuration'
}

export function configurationPage({ by, tenant, file }: ConfigurationPageProps): string {
  const { settings, remarks, isChanged } = file
  const problems = remarks.filter(({ severity }) => severity !== 'note')
  const notes = remarks.filter(({ severity }) => severity === 'note')
  return renderAdminPage({
    section: 'configuration',
    title: titleOf(by, tenant),
    by,
    tenant,
    children: (
      <>
        {isChanged && (
          <Message label="Changed since the start">
            {settings.length === 0
              ? 'The file differs from what this process loaded, and cannot be read. Correct it, then restart.'
              : 'The file differs from what this process loaded. Below is the file as it is now: restart to apply it.'}
          </Message>
        )}
        <Section id="problems" title="Faults and warnings">
          {problems.length === 0 ? (
            <p>None when this process started.</p>
          ) : (
            <>
              <Remarks remarks={problems} file={file.file} />
              <p class="small">
                Who can fix it: operator. Change the file, run <code>gatehouse check</code> and restart Gatehouse.
              </p>
            </>
          )}
          {notes.length > 0 && (
            <details>
              <summary>{notes.length === 1 ? '1 note' : `${notes.length} notes`}</summary>
              <Remarks remarks={notes} file={file.file} />
            </details>
          )}
        </Section>
        <Section id="settings" title="Settings">
          <p class="small">
            Of <code>{file.file}</code>. Secrets, and what comes from a variable or a file, are not shown.
          </p>
          <Settings settings={settings} />
        </Section>
      </>
    ),
  })
}

interface RemarksProps {
  readonly remarks: readonly ConfigurationRemark[]
  readonly file: string
}

const severities = {
  fault: { label: 'Fault', color: 'down' },
  warning: { label: 'Warning', color: 'degraded' },
  note: { label: 'Note', color: '' },
} as const

function Remarks({ remarks, file }: RemarksProps) {
  return (
    <ul class="changes">
      {remarks.map(({ severity, line, column, path, message }) => (
        <li key={`${line}:${column} ${path} ${message}`}>
          <span class={`state ${severities[severity].color}`}>{severities[severity].label}</span>{' '}
          <code>
            {file}:{line}:{column}
          </code>{' '}
          {path !== '' && <strong>{path}: </strong>}
          {message}
        </li>
      ))}
    </ul>
  )
}

function Settings({ settings }: { readonly settings: readonly ConfigurationSetting[] }) {
  if (settings.length === 0) return <p>The file cannot be read.</p>
  return (
    <Scroll label="All settings">
      <table class="records events">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Value</th>
            <th scope="col">Line</th>
          </tr>
        </thead>
        <tbody>
          {settings.map(({ path, value, origin, line }) => (
            <tr key={path}>
              <td>
                <code>{path}</code>
              </td>
              <td data-label="Value">{origin === 'default' ? <span class="small">{value}</span> : value}</td>
              <td data-label="Line">{line ?? <span class="small">default</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

interface TenantListPageProps extends TenantPage {
  readonly by: Administrator
  readonly search: string | undefined
  /** Number of tenants of the deployment. */
  readonly total: number
  readonly isFirst: boolean
}

export function tenantListPage({ by, tenants, next, search, total, isFirst }: TenantListPageProps): string {
  return renderAdminPage({
    section: 'configuration',
    by,
    tenant: undefined,
    children: (
      <>
        <Section id="deployment" title="The deployment">
          <div class="presets">
            <LinkButton href={withQuery(path, { tenant: '*' })} label="Show gatehouse.yaml" quiet />
          </div>
        </Section>
        <Section id="tenants" title="Tenants">
          <form method="get" class="filters">
            <TextField name="search" label="ID or name" values={{ search: search ?? '' }} faults={[]} />
            <SearchButton />
          </form>
          {tenants.length === 0 ? <p>No tenant matches.</p> : <Tenants tenants={tenants} />}
          <nav class="paging" aria-label="Pages of tenants">
            <span class="small">{total === 1 ? '1 tenant' : `${total.toLocaleString('en-US')} tenants`} in all</span>
            {!isFirst && <LinkButton href={withQuery(path, { search })} label="First" quiet />}
            {next !== undefined && <LinkButton href={withQuery(path, { search, cursor: next })} label="Next" quiet />}
          </nav>
        </Section>
      </>
    ),
  })
}

function Tenants({ tenants }: { readonly tenants: readonly ListedTenant[] }) {
  return (
    <Scroll label="All tenants">
      <table class="records events">
        <thead>
          <tr>
            <th scope="col">Tenant</th>
            <th scope="col">Name</th>
            <th scope="col">Connections</th>
            <th scope="col">Faults and warnings</th>
          </tr>
        </thead>
        <tbody>
          {tenants.map(({ id, name, connections, remarks }) => (
            <tr key={id}>
              <td>
                <a href={safeHref(withQuery(path, { tenant: id }))}>{id}</a>
              </td>
              <td data-label="Name">{name}</td>
              <td data-label="Connections">{connections}</td>
              <td data-label="Faults and warnings">
                {remarks === 0 ? '–' : <span class="state degraded">{remarks}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
