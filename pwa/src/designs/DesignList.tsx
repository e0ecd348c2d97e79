/** The designs as cards, with search and order once there are several. */

import { useDeferredValue, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { StoredDesign } from '../storage/designs'
import { plural } from '../ui/numbers'
import { SearchField } from '../ui/SearchField'
import { DesignCard } from './DesignCard'
import { chosenSort, found, SORTS, type Sort } from './found'
import { libraryStore } from './library'
import { useGrowingCount } from './useGrowingCount'

const NO_SCORES = {}

export function DesignList({ designs }: { designs: readonly StoredDesign[] }) {
  const [query, setQuery] = useState('')
  const [sort, setSort] = useState(chosenSort.read)
  const wanted = useDeferredValue(query)
  // only the order by score depends on the runs, which change every second while something learns
  const runs = useStore(libraryStore, (state) => (sort === 'score' ? state.runs : NO_SCORES))
  const shown = useMemo(() => found(designs, wanted, sort, runs), [designs, wanted, sort, runs])
  const choose = (next: Sort) => {
    setSort(next)
    chosenSort.write(next)
  }
  return (
    <>
      {(designs.length > 1 || query !== '') && <Tools query={query} onQuery={setQuery} sort={sort} onSort={choose} />}
      <p className="designs-count" aria-live="polite">
        {wanted.trim() !== '' && shown.length > 0 && `${plural(shown.length, 'design')} of ${designs.length}`}
      </p>
      {shown.length > 0 ? (
        <Cards key={`${sort} ${wanted}`} designs={shown} />
      ) : (
        <NothingFound query={wanted} onClear={() => setQuery('')} />
      )}
    </>
  )
}

function Cards({ designs }: { designs: readonly StoredDesign[] }) {
  const { count, end } = useGrowingCount(designs.length)
  return (
    <>
      <ul className="design-list" aria-label="Designs">
        {designs.slice(0, count).map((design) => (
          <DesignCard key={design.id} stored={design} />
        ))}
      </ul>
      <div ref={end} />
    </>
  )
}

interface ToolsProps {
  query: string
  onQuery: (query: string) => void
  sort: Sort
  onSort: (sort: Sort) => void
}

function Tools({ query, onQuery, sort, onSort }: ToolsProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers before 2023 do not know the element for it
    <form className="design-tools" role="search" onSubmit={(event) => event.preventDefault()}>
      <SearchField label="Search designs" placeholder="Search" value={query} onType={onQuery} />
      <select aria-label="Sort by" value={sort} onChange={(event) => onSort(event.target.value as Sort)}>
        {Object.entries(SORTS).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </form>
  )
}

function NothingFound({ query, onClear }: { query: string; onClear: () => void }) {
  return (
    <div className="nothing-found" role="status" aria-label="Search result">
      <p>{`No design has “${query.trim()}” in its name.`}</p>
      <button type="button" className="button" onClick={onClear}>
        Show all designs
      </button>
    </div>
  )
}
