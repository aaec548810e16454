/** Buttons that are a picture; screen readers and the tooltip have their words. */
import type { ComponentChildren } from 'preact'
import { safeHref } from './layout.tsx'

const pictures = {
  refresh: (
    <>
      <path d="M20 11a8 8 0 0 0-14.3-4.3L3 9.5" />
      <path d="M3 4v5.5h5.5" />
      <path d="M4 13a8 8 0 0 0 14.3 4.3L21 14.5" />
      <path d="M21 20v-5.5h-5.5" />
    </>
  ),
  bin: (
    <>
      <path d="M4 7h16M9.5 7V4h5v3M6 7l1 13h10l1-13M10 11v5.5M14 11v5.5" />
    </>
  ),
} as const satisfies Readonly<Record<string, ComponentChildren>>

interface IconLinkProps {
  readonly icon: keyof typeof pictures
  readonly href: string
  /** Action of the button, such as "Rotate". */
  readonly label: string
  /** Accessible name of the target. */
  readonly object: string
}

const Picture = ({ icon, size }: Pick<IconLinkProps, 'icon'> & { readonly size: number }) => (
  <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
    {pictures[icon]}
  </svg>
)

interface IconLegendProps {
  readonly entries: readonly (Pick<IconLinkProps, 'icon'> & { readonly text: string })[]
}

/** Says below a list what its pictures do: touch screens have no tooltips. */
export const IconLegend = ({ entries }: IconLegendProps) => (
  <ul class="icon-legend small">
    {entries.map(({ icon, text }) => (
      <li key={icon}>
        <Picture icon={icon} size={16} /> {text}
      </li>
    ))}
  </ul>
)

export function IconLink({ icon, href, label, object }: IconLinkProps) {
  return (
    <a class="button quiet icon" href={safeHref(href)} title={label}>
      <Picture icon={icon} size={20} />
      <span class="unseen">
        {label} {object}
      </span>
    </a>
  )
}
