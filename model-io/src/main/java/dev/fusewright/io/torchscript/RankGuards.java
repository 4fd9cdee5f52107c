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
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the code around a call of a norm itself says of the rank of the norm's input.
 *
 * @param asks whether it looks at the rank at all
 * @param demanded ranks without which it goes no further
 */
record RankGuards(boolean asks, Set<Long> demanded) {
  private static final String RANK = "torch.dim";

  RankGuards {
    demanded = Set.copyOf(demanded);
  }

  /** Those of all code that passes the input on, up to the method of an object. */
  static RankGuards around(Frame norm, Expression.Call call) {
    boolean asks = false;
    Set<Long> demanded = new HashSet<>();
    Frame frame = norm;
    Expression.Call reading = call;
    while (frame != null && reading != null) {
      if (!reading.arguments().isEmpty()
          && reading.arguments().get(0) instanceof Expression.Name input) {
        RankGuards found = of(frame.definition(), input.id());
        asks |= found.asks();
        demanded.addAll(found.demanded());
      }
      reading = frame.self() == null ? frame.call() : null;
      frame = frame.caller();
    }
    return new RankGuards(asks, demanded);
  }

  private static RankGuards of(Definition definition, String input) {
    Set<String> ranks = new HashSet<>();
    boolean asks = false;
    for (Expression part : Statement.allExpressions(definition.body())) {
      asks |= isRank(part, input);
    }
    List<Statement> open = new ArrayList<>(definition.body());
    List<Statement.If> choices = new ArrayList<>();
    while (!open.isEmpty()) {
      Statement next = open.remove(open.size() - 1);
      open.addAll(next.inner());
      if (next instanceof Statement.Assign assign
          && isRank(assign.value(), input)
          && assign.targets().get(0) instanceof Expression.Name name) {
        ranks.add(name.id());
      }
    }
    for (Statement statement : definition.body()) {
      if (statement instanceof Statement.If choice) {
        choices.add(choice);
      }
    }
    Set<Long> demanded = new HashSet<>();
    for (Statement.If choice : choices) {
      if (choice.condition() instanceof Expression.Call call
          && call.function().dotted().equals("torch.ne")
          && call.arguments().size() == 2
          && (isRank(call.arguments().get(0), input)
              || ranks.contains(call.arguments().get(0).dotted()))
          && call.arguments().get(1) instanceof Expression.Literal literal
          && literal.value() instanceof Long rank
          && raises(choice.then())) {
        demanded.add(rank);
      }
    }
    return new RankGuards(asks, demanded);
  }

  private static boolean isRank(Expression part, String input) {
    return part instanceof Expression.Call call
        && call.function().dotted().equals(RANK)
        && call.arguments().size() == 1
        && call.arguments().get(0).dotted().equals(input);
  }

  private static boolean raises(List<Statement> block) {
    return block.stream()
        .anyMatch(
            statement ->
                statement instanceof Statement.Evaluate evaluate
                    && evaluate.value() instanceof Expression.Call call
                    && call.function().dotted().equals("ops.prim.RaiseException"));
  }
}
