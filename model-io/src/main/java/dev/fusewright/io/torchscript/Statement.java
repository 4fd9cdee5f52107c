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
package dev.fusewright.io.torchscript;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement of the code, and its place in the file: whole lines. */
sealed interface Statement {
  int start();

  int end();

  /** New values of names; of several, if the value is a tuple or a list. */
  record Assign(List<Expression> targets, Expression value, int start, int end)
      implements Statement {
    public Assign {
      targets = List.copyOf(targets);
    }
  }

  /** An expression of which only matters what it does. */
  record Evaluate(Expression value, int start, int end) implements Statement {}

  record Return(@Nullable Expression value, int start, int end) implements Statement {}

  record Pass(int start, int end) implements Statement {}

  record If(
      Expression condition, List<Statement> then, List<Statement> otherwise, int start, int end)
      implements Statement {
    public If {
      then = List.copyOf(then);
      otherwise = List.copyOf(otherwise);
    }
  }

  /** A loop. */
  record While(Expression condition, List<Statement> body, int start, int end)
      implements Statement {
    public While {
      body = List.copyOf(body);
    }
  }

  /** A loop over items. */
  record For(Expression target, Expression items, List<Statement> body, int start, int end)
      implements Statement {
    public For {
      body = List.copyOf(body);
    }
  }

  /** The statements within it. */
  default List<Statement> inner() {
    if (this instanceof If choice) {
      List<Statement> inner = new ArrayList<>(choice.then());
      inner.addAll(choice.otherwise());
      return inner;
    } else if (this instanceof While loop) {
      return loop.body();
    } else if (this instanceof For loop) {
      return loop.body();
    }
    return List.of();
  }

  /** The expressions that are a part of it, without those of {@link #inner}. */
  default List<Expression> expressions() {
    if (this instanceof Assign assign) {
      List<Expression> all = new ArrayList<>(assign.targets());
      all.add(assign.value());
      return all;
    } else if (this instanceof Evaluate evaluate) {
      return List.of(evaluate.value());
    } else if (this instanceof Return result) {
      Expression value = result.value();
      return value == null ? List.of() : List.of(value);
    } else if (this instanceof If choice) {
      return List.of(choice.condition());
    } else if (this instanceof While loop) {
      return List.of(loop.condition());
    } else if (this instanceof For loop) {
      return List.of(loop.target(), loop.items());
    }
    return List.of();
  }

  /** All expressions of statements, those within others too. */
  static List<Expression> allExpressions(List<Statement> statements) {
    List<Expression> all = new ArrayList<>();
    List<Statement> open = new ArrayList<>(statements);
    while (!open.isEmpty()) {
      Statement next = open.remove(open.size() - 1);
      open.addAll(next.inner());
      List<Expression> parts = new ArrayList<>(next.expressions());
      while (!parts.isEmpty()) {
        Expression part = parts.remove(parts.size() - 1);
        all.add(part);
        parts.addAll(part.parts());
      }
    }
    return all;
  }
}
