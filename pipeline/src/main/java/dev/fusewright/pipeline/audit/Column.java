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

import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table.
 *
 * @param name in snake case, stable
 * @param of what a row has there; null for nothing
 * @param <R> what a row is made of
 */
record Column<R>(String name, Type type, Function<R, @Nullable Object> of) {
  /** Types of values, by the class that holds one. */
  enum Type {
    TEXT(String.class),
    LONG(Long.class),
    DOUBLE(Double.class),
    BOOLEAN(Boolean.class),
    TIME(Instant.class);

    private final Class<?> holder;

    Type(Class<?> holder) {
      this.holder = holder;
    }

    Class<?> holder() {
      return holder;
    }
  }

  /** The value of a row, which is checked to be of the type. */
  @Nullable Object value(R row) {
    Object value = of.apply(row);
    return value == null ? null : type.holder().cast(value);
  }
}
