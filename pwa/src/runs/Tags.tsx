/** The tags of a run. */

import './tags.css'

/** Servers of older versions have none. */
export function Tags({ tags }: { tags: readonly string[] | undefined }) {
  if (!tags || tags.length === 0) return null
  return (
    <ul className="run-tags" aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>{tag}</li>
      ))}
    </ul>
  )
}
