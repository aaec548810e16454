import type { DeploymentFacts } from '../../../broker/deployment/facts.ts'
import type { ClockDifference } from '../../../broker/ports/health.ts'
import { Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { formatMs } from '../../../pages/sizes.ts'
import { Time } from '../../../pages/time.tsx'

export function ProcessTable({ facts: { processes, at } }: { readonly facts: DeploymentFacts }) {
  return (
    <Section id="processes" title="Processes">
      {processes === undefined && <p class="empty">not available</p>}
      {processes?.length === 0 && <p class="empty">No process has reported in the last minute.</p>}
      {processes !== undefined && processes.length > 0 && (
        <Scroll label="Table of processes">
          <table class="records">
            <thead>
              <tr>
                <th scope="col">Host</th>
                <th scope="col">Process</th>
                <th scope="col">Version</th>
                <th scope="col">Configuration</th>
                <th scope="col">Started</th>
                <th scope="col">Seen</th>
                <th scope="col">Clock</th>
              </tr>
            </thead>
            <tbody>
              {processes.map(({ id, host, pid, version, configuration, startedAt, seenAt, clockDifferences = [] }) => (
                <tr key={id}>
                  <th scope="row">{host}</th>
                  <td data-label="Process">{pid}</td>
                  <td data-label="Version">{version}</td>
                  <td data-label="Configuration">
                    <code>{configuration}</code>
                  </td>
                  <td data-label="Started">
                    <Time at={startedAt} />
                  </td>
                  <td data-label="Seen">
                    <Time at={seenAt} now={at} />
                  </td>
                  <td data-label="Clock">
                    {clockDifferences.length === 0 ? '–' : clockDifferences.map(differenceText).join(', ')}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  )
}

/** Text such as `12 ms ahead of PostgreSQL`. */
function differenceText({ against, aheadMs }: ClockDifference): string {
  return `${formatMs(Math.abs(aheadMs))} ${aheadMs < 0 ? 'behind' : 'ahead of'} ${against}`
}
