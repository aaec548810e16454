/** Facts about processes, stores, queues, signing keys and configuration. */
import type { DeploymentFacts, StoreFacts } from '../../../broker/deployment/facts.ts'
import type { QueueSize } from '../../../broker/ports/durable.ts'
import { storeLabels } from '../../../broker/ports/observed-store.ts'
import { Fact, Section } from '../../../pages/parts.tsx'
import { formatBytes, formatMs, formatSpan } from '../../../pages/sizes.ts'
import { Time } from '../../../pages/time.tsx'
import { ProcessTable } from './process-table.tsx'

export const missing = 'not available'

interface FactsProps {
  readonly facts: DeploymentFacts
}

export function DeploymentSections({ facts }: FactsProps) {
  return (
    <div id="deployment" class="overview-part" data-live>
      <div class="cards">
        {facts.stores.map((store) => (
          <StoreCard key={store.kind} store={store} />
        ))}
        <QueueCard facts={facts} />
        <KeysCard facts={facts} />
        <ConfigurationCard facts={facts} />
      </div>
      <ProcessTable facts={facts} />
    </div>
  )
}

function StoreCard({ store: { kind, latencyMs, figures = {} } }: { readonly store: StoreFacts }) {
  const { version, pool, databaseBytes, walBytes, memoryBytes, maxMemoryBytes, clients } = figures
  const label = storeLabels[kind]
  const isDown = latencyMs === undefined
  return (
    <Section id={`store-${kind}`} title={label.charAt(0).toUpperCase() + label.slice(1)}>
      <dl>
        <Fact label="State">
          <span class={`state ${isDown ? 'down' : 'healthy'}`}>{isDown ? 'Down' : 'Healthy'}</span>
        </Fact>
        <Fact label="Latency">{isDown ? missing : formatMs(latencyMs)}</Fact>
        <Fact label="Version">{version ?? missing}</Fact>
        {pool !== undefined && (
          <Fact label="Pool">
            {pool.inUse} of {pool.max} in use, {pool.pending} waiting
          </Fact>
        )}
        {kind !== 'redis' && <Fact label="Size">{sizeOf(databaseBytes)}</Fact>}
        {kind === 'sqlite' && <Fact label="Write-ahead log">{sizeOf(walBytes)}</Fact>}
        {kind === 'redis' && (
          <Fact label="Memory">
            {sizeOf(memoryBytes)}
            {maxMemoryBytes !== undefined && ` of ${formatBytes(maxMemoryBytes)}`}
          </Fact>
        )}
        {kind !== 'sqlite' && <Fact label="Connected clients">{clients ?? missing}</Fact>}
      </dl>
    </Section>
  )
}

const sizeOf = (bytes: number | undefined) => (bytes === undefined ? missing : formatBytes(bytes))

function QueueCard({ facts: { queues, at } }: FactsProps) {
  return (
    <Section id="queues" title="Queues">
      <dl>
        <Fact label="Emails">
          <Queue size={queues.mail} now={at} />
        </Fact>
        <Fact label="Back-channel logouts">
          <Queue size={queues.logouts} now={at} />
        </Fact>
      </dl>
    </Section>
  )
}

function Queue({ size, now }: { readonly size: QueueSize | undefined; readonly now: Date }) {
  if (size === undefined) return <>{missing}</>
  const { messages, oldestDueAt } = size
  if (messages === 0) return <>empty</>
  const delay = oldestDueAt === undefined ? 0 : secondsBetween(oldestDueAt, now)
  return (
    <>
      {messages.toLocaleString('en-US')} waiting{delay >= 60 && `, the oldest due for ${formatSpan(delay)}`}
    </>
  )
}

function KeysCard({ facts: { signingKeys, at } }: FactsProps) {
  const active = signingKeys?.filter(({ status }) => status === 'active')
  return (
    <Section id="signing-keys" title="Signing keys">
      <dl>
        {active === undefined && <Fact label="Active">{missing}</Fact>}
        {active?.map(({ id, algorithm, activatedAt, createdAt, changesAt }) => (
          <Fact key={id} label={algorithm}>
            active for {formatSpan(secondsBetween(activatedAt ?? createdAt, at))}
            <br />
            <span class="small">{changesAt === undefined ? 'rotated by hand only' : nextRotation(changesAt, at)}</span>
          </Fact>
        ))}
      </dl>
    </Section>
  )
}

function nextRotation(changesAt: Date, at: Date): string {
  const seconds = secondsBetween(at, changesAt)
  return seconds <= 0 ? 'rotation is due' : `next rotation in ${formatSpan(seconds)}`
}

function ConfigurationCard({ facts: { version, configuration, startedAt, at } }: FactsProps) {
  const { digest, loadedAt, warnings } = configuration
  return (
    <Section id="configuration" title="Configuration">
      <dl>
        <Fact label="Gatehouse">{version}</Fact>
        <Fact label="Running for">{formatSpan(secondsBetween(startedAt, at))}</Fact>
        <Fact label="Configuration">
          <code>{digest}</code>
        </Fact>
        <Fact label="Loaded">
          <Time at={loadedAt} />
        </Fact>
        <Fact label="Warnings">{warnings === 0 ? 'none' : warnings}</Fact>
      </dl>
    </Section>
  )
}

export const secondsBetween = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 1000
