/** Signing keys, the clients that fetch them, and the key ring. */
import type { Administrator } from '../../../broker/access/target.ts'
import { Notice } from '../../../pages/form.tsx'
import { Labelled, LinkButton, Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { Time } from '../../../pages/time.tsx'
import { formatDate } from '../../../primitives/time-expression.ts'
import { renderAdminPage } from '../admin-layout.tsx'
import { type KeyState, type KeyStates, type Knowledge, knowledgeOf } from './key-states.ts'
import { retirePath, rotatePath } from './paths.ts'

export interface KeysPageProps extends KeyStates {
  readonly by: Administrator
  readonly notice: string | undefined
  readonly now: Date
}

export function keysPage(props: KeysPageProps): string {
  const { by, notice, ringKeys } = props
  return renderAdminPage({
    section: 'keys',
    by,
    tenant: undefined,
    children: (
      <>
        <Notice text={notice} />
        <Section id="signing" title="Signing keys">
          <p>They sign ID tokens and JWT access tokens. Their public parts are at /oauth2/jwks.</p>
          <Keys {...props} />
          <Rotation {...props} />
        </Section>
        <Section id="clients" title="Clients that fetch them">
          <Clients {...props} />
        </Section>
        <Section id="ring" title="Key ring">
          <p>
            {ringKeys === 1 ? 'One key' : `${ringKeys} keys`}. The first encrypts private keys, sessions and profiles at
            rest; {ringKeys === 1 ? 'there is no older one' : 'the others only decrypt'}. They are under{' '}
            <code>keys</code> in gatehouse.yaml or, if it has none, the lines of the <code>.key</code> file beside the
            SQLite file. To rotate, add a key in front of the others and restart.
          </p>
        </Section>
      </>
    ),
  })
}

const stateLabels = {
  active: ['healthy', 'Signs'],
  next: ['', 'Published, signs next'],
  retired: ['', 'Retired, still published'],
} as const
const changes = { active: 'Signs until', next: 'Signs from', retired: 'Published until' } as const

function Keys({ keys }: KeysPageProps) {
  return (
    <Scroll label="All signing keys">
      <table class="records">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Algorithm</th>
            <th scope="col">State</th>
            <th scope="col">Created</th>
            <th scope="col">Signs since</th>
            <th scope="col">Retired</th>
            <th scope="col">Then</th>
            <th scope="col">
              <span class="unseen">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.id} state={key} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function KeyRow({
  state: { id, algorithm, status, createdAt, activatedAt, retiredAt, changesAt },
}: {
  readonly state: KeyState
}) {
  const [color, label] = stateLabels[status]
  return (
    <tr>
      <td>
        <code title={id}>{id.slice(0, 12)}…</code>
      </td>
      <td data-label="Algorithm">{algorithm}</td>
      <td data-label="State">
        <span class={`state ${color}`}>{label}</span>
      </td>
      <td data-label="Created">
        <Day at={createdAt} />
      </td>
      <td data-label="Signs since">{activatedAt === undefined ? '–' : <Day at={activatedAt} />}</td>
      <td data-label="Retired">{retiredAt === undefined ? '–' : <Day at={retiredAt} />}</td>
      <td data-label="Then">
        {changes[status]} {changesAt === undefined ? 'you rotate' : <Time at={changesAt} />}
      </td>
      <td>
        <LinkButton
          href={retirePath(id)}
          label={<Labelled label={status === 'active' ? 'Retire' : 'Remove'} object={id} />}
          quiet
        />
      </td>
    </tr>
  )
}

/** Three columns of whole times would not fit. */
function Day({ at }: { readonly at: Date }) {
  const time = at.toISOString()
  return (
    <time dateTime={time} title={time}>
      {formatDate(at)}
    </time>
  )
}

function Rotation({ rotatableAt, now }: KeysPageProps) {
  return (
    <>
      {rotatableAt !== undefined && (
        <p>
          {rotatableAt > now ? (
            <>
              Apps that cache the key set may not know the next keys before <Time at={rotatableAt} />.
            </>
          ) : (
            'The next keys are published for long enough: apps know them.'
          )}
        </p>
      )}
      <div class="presets">
        <LinkButton href={rotatePath} label="Rotate…" quiet />
      </div>
    </>
  )
}

const knowledgeLabels: Readonly<Record<Knowledge, readonly [color: string, label: string]>> = {
  'all keys': ['healthy', 'All keys'],
  'no next key': ['degraded', 'Not the next keys'],
  'no active key': ['down', 'Not all that sign'],
}

function Clients({ keys, fetches, now }: KeysPageProps) {
  return (
    <>
      <p class="small">
        Requests for the key set are anonymous. A client here is a User-Agent and a network, so apps that use the same
        library behind one address count as one. Times are exact to the minute and kept for 90 days, for the latest 200
        clients, and at most 5 of one network. Gatehouse does not know which app a client is, how long it caches, or
        which app received which token.
      </p>
      {fetches.length === 0 ? (
        <p>No client has fetched the keys yet.</p>
      ) : (
        <Scroll label="Clients that fetch the signing keys">
          <table class="records events">
            <thead>
              <tr>
                <th scope="col">Last fetched</th>
                <th scope="col">Has</th>
                <th scope="col">Network</th>
                <th scope="col">User-Agent</th>
              </tr>
            </thead>
            <tbody>
              {fetches.map(({ agent, network, lastAt }) => {
                const [color, label] = knowledgeLabels[knowledgeOf(lastAt, keys)]
                return (
                  <tr key={`${network} ${agent}`}>
                    <td data-label="Last fetched">
                      <Time at={lastAt} now={now} />
                    </td>
                    <td data-label="Has">
                      <span class={`state ${color}`}>{label}</span>
                    </td>
                    <td data-label="Network">{network}</td>
                    <td data-label="User-Agent">{agent}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  )
}
