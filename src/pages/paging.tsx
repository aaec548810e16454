/** Long lists in pages. */
import { safeHref } from './layout.tsx'
import { LinkButton } from './parts.tsx'

export const itemsPerPage = 50

export interface PageOf<T> {
  readonly items: readonly T[]
  /** Number of the page, from 1. */
  readonly number: number
  readonly count: number
  readonly total: number
  /** Most items of a page. */
  readonly size: number
}

/** The nearest page there is. @param wanted from 1 */
export function pageOf<T>(all: readonly T[], wanted: number, size = itemsPerPage): PageOf<T> {
  const count = Math.max(1, Math.ceil(all.length / size))
  const number = Math.min(Math.max(1, wanted), count)
  return { items: all.slice((number - 1) * size, number * size), number, count, total: all.length, size }
}

interface PagingProps {
  readonly page: PageOf<unknown>
  /** Name of the listed items, such as "sessions". */
  readonly label: string
  readonly hrefOf: (number: number) => string
}

/** Links between pages of a list; nothing for one page. */
export function Paging({ page: { number, count, total, items, size }, label, hrefOf }: PagingProps) {
  if (count === 1) return null
  const first = (number - 1) * size + 1
  return (
    <nav class="paging" aria-label={`Pages of ${label}`}>
      <span class="small">
        {first}–{first + items.length - 1} of {total}
      </span>
      {number > 1 && (
        <a class="button quiet" rel="prev" href={safeHref(hrefOf(number - 1))}>
          Previous
        </a>
      )}
      {number < count && (
        <a class="button quiet" rel="next" href={safeHref(hrefOf(number + 1))}>
          Next
        </a>
      )}
    </nav>
  )
}

interface CursorPagingProps {
  /** Name of the listed items, such as `users`. */
  readonly label: string
  /** Undefined on the first page. */
  readonly first: string | undefined
  /** Undefined on the last page. */
  readonly next: string | undefined
}

export function CursorPaging({ label, first, next }: CursorPagingProps) {
  if (first === undefined && next === undefined) return null
  return (
    <nav class="paging" aria-label={`Pages of ${label}`}>
      {first !== undefined && <LinkButton href={first} label="First page" quiet />}
      {next !== undefined && <LinkButton href={next} label="Next page" quiet />}
    </nav>
  )
}
