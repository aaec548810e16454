/** Something to read and one way on. */
import { renderLayout, safeHref } from './layout.tsx'

export interface MessagePageProps {
  readonly title: string
  readonly text: string
  readonly href: string
  readonly label: string
}

export function messagePage({ title, text, href, label }: MessagePageProps): string {
  return renderLayout({
    title,
    children: (
      <div class="card">
        <h1>{title}</h1>
        <p>{text}</p>
        <a class="button" href={safeHref(href)}>
          {label}
        </a>
      </div>
    ),
  })
}
