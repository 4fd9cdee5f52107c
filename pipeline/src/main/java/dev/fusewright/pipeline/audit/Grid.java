/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.audit;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of the page. Text is printable, and not escaped for anything.
 *
 * @param caption what is counted; empty where the heading says it
 * @param columns left to right
 * @param rows each with a cell per column
 */
public record Grid(String caption, List<Column> columns, List<List<Cell>> rows) {
  /**
   * A column.
   *
   * @param kind how its cells are set
   */
  public record Column(String name, Kind kind) {}

  /** How the cells of a column are set. */
  public enum Kind {
    TEXT("text"),
    /** To the right, with digits of one width. */
    NUMBER("number"),
    /** A name or digest out of a file. */
    CODE("code");

    private final String style;

    Kind(String style) {
      this.style = style;
    }

    /** Its class in the page's style sheet. */
    public String style() {
      return style;
    }
  }

  /**
   * A cell.
   *
   * @param link a place of the page; empty for none
   */
  public record Cell(String text, String link) {}

  /** Copies the lists. */
  public Grid {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /** Whether there is nothing to show. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  static Builder of(String caption) {
    return new Builder(caption);
  }

  /** A table whose rows are being added. */
  static final class Builder {
    private final String caption;
    private final List<Column> columns = new ArrayList<>();
    private final List<List<Cell>> rows = new ArrayList<>();

    private Builder(String caption) {
      this.caption = caption;
    }

    Builder text(String name) {
      columns.add(new Column(name, Kind.TEXT));
      return this;
    }

    Builder number(String name) {
      columns.add(new Column(name, Kind.NUMBER));
      return this;
    }

    Builder code(String name) {
      columns.add(new Column(name, Kind.CODE));
      return this;
    }

    void row(Cell... cells) {
      if (cells.length != columns.size()) {
        throw new IllegalArgumentException("a row has a cell for each column");
      }
      rows.add(List.of(cells));
    }

    Grid build() {
      return new Grid(caption, columns, rows);
    }
  }

  static Cell cell(String text) {
    return new Cell(text, "");
  }

  static Cell link(String text, String place) {
    return new Cell(text, place);
  }
}
