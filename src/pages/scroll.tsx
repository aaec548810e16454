import type { ComponentChildren } from 'preact'

interface ScrollProps {
  /** Names the box for screen readers. */
  readonly label: string
  readonly children: ComponentChildren
}

/** A box for a wide table. */
export function Scroll({ label, children }: ScrollProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be focusable
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
