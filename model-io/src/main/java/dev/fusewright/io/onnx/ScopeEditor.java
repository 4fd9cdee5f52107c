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
package dev.fusewright.io.onnx;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Plans scopes that were in the file: graphs, bodies, and the inner side of functions.
 *
 * <p>The parts of a scope are walked in file order. What the edited graph still holds stays where
 * it is; what is new follows its predecessor in the edited list; what is gone is left out; all else
 * is copied.
 */
final class ScopeEditor {
  private final ModelIndex index;
  private final WireCursor cursor;
  private final NewMessages created;
  private final NodeEditor nodes;

  ScopeEditor(OnnxCheckpoint model, DataFilePlan dataFiles) {
    index = model.index();
    cursor = new WireCursor(model.file(), ReadLimits.forThisHeap());
    created = new NewMessages(dataFiles::add, index);
    nodes = new NodeEditor(cursor, index, dataFiles, created, this);
  }

  NewMessages created() {
    return created;
  }

  WireCursor cursor() {
    return cursor;
  }

  /** The content of the GraphProto that {@code after} becomes. */
  MessagePlan graph(ScopeLayout before, Graph after, ScopePath scope) {
    if (before.graph().equals(after)) {
      return new MessagePlan().copy(before.start(), before.end());
    }
    if (!before.graph().name().equals(after.name())) {
      throw new IllegalArgumentException(
          "graph '%s' cannot be renamed to '%s'".formatted(before.graph().name(), after.name()));
    }
    Map<Role, Slots> slots = new EnumMap<>(Role.class);
    lists(before, after, scope, slots, Role::graphField);
    slots.put(
        Role.INITIALIZER,
        new Slots(
            before,
            Role.INITIALIZER,
            after.initializers(),
            initializer -> ((Initializer) initializer).name(),
            (initializer, part) -> initializer((Initializer) initializer, part, scope)));
    slots.put(Role.INPUT, values(before, Role.INPUT, after.inputs()));
    slots.put(Role.OUTPUT, values(before, Role.OUTPUT, after.outputs()));
    slots.put(Role.ANNOTATION, names(before, Role.ANNOTATION, after.annotations()));
    slots.put(
        Role.SPARSE_INITIALIZER,
        names(before, Role.SPARSE_INITIALIZER, after.sparseInitializers()));
    return walk(before, slots);
  }

  /** The content of the FunctionProto whose body becomes {@code after}. */
  MessagePlan function(ScopeLayout before, Graph after, ScopePath scope) {
    if (!before.graph().inputs().equals(after.inputs())
        || !before.graph().outputs().equals(after.outputs())) {
      throw new IllegalArgumentException("the signature of " + scope + " cannot change");
    }
    Map<Role, Slots> slots = new EnumMap<>(Role.class);
    lists(before, after, scope, slots, Role::functionField);
    return walk(before, slots);
  }

  /** What graphs and functions have in common: nodes and the types of inner values. */
  private void lists(
      ScopeLayout before,
      Graph after,
      ScopePath scope,
      Map<Role, Slots> slots,
      Function<Role, Integer> field) {
    slots.put(
        Role.NODE,
        new Slots(
            before,
            Role.NODE,
            after.nodes(),
            node -> ((Node) node).id(),
            (node, part) -> node((Node) node, field.apply(Role.NODE), scope)));
    slots.put(
        Role.VALUE_INFO,
        new Slots(
            before,
            Role.VALUE_INFO,
            after.valueInfos(),
            value -> ((ValueInfo) value).name(),
            (value, part) -> value((ValueInfo) value, part, field.apply(Role.VALUE_INFO))));
  }

  private Slots values(ScopeLayout before, Role role, List<ValueInfo> after) {
    return new Slots(
        before,
        role,
        after,
        value -> ((ValueInfo) value).name(),
        (value, part) -> value((ValueInfo) value, part, role.graphField()));
  }

  private static Slots names(ScopeLayout before, Role role, List<String> after) {
    return new Slots(
        before,
        role,
        after,
        name -> name,
        (name, part) -> {
          if (part == null) {
            throw new IllegalArgumentException("a new " + role + " '" + name + "'");
          }
          return new MessagePlan().copy(part);
        });
  }

  private static MessagePlan walk(ScopeLayout before, Map<Role, Slots> slots) {
    MessagePlan plan = new MessagePlan();
    for (Part part : before.parts()) {
      Slots slot = slots.get(part.role());
      if (slot == null) {
        plan.copy(part);
      } else {
        slot.place(part, plan);
      }
    }
    slots.values().forEach(slot -> slot.placeRest(plan));
    return plan;
  }

  /** A node is known by its id alone, wherever it stood: it may have moved into another scope. */
  private MessagePlan node(Node node, int field, ScopePath scope) {
    Part part = index.node(node.id());
    if (part == null) {
      return new MessagePlan().message(field, created.node(node, scope));
    }
    boolean isSameField = part.role() == Role.NODE && fieldOf(part) == field;
    if (node.equals(part.element())) {
      return isSameField
          ? new MessagePlan().copy(part)
          : new MessagePlan().message(field, new MessagePlan().copy(part.payload(), part.end()));
    }
    return new MessagePlan().message(field, nodes.node(part, node, scope));
  }

  private int fieldOf(Part part) {
    cursor.seek(part.start());
    cursor.next(part.end());
    return cursor.field();
  }

  private MessagePlan initializer(Initializer after, @Nullable Part part, ScopePath scope) {
    MessagePlan content;
    if (part == null) {
      content = created.initializer(after, scope);
    } else if (after.equals(part.element())) {
      return new MessagePlan().copy(part);
    } else {
      Initializer before = (Initializer) Objects.requireNonNull(part.element());
      content =
          nodes.tensor(part, before.tensor(), after.tensor(), new TensorPlace(scope, after.name()));
    }
    return new MessagePlan().message(GraphProto.INITIALIZER_FIELD_NUMBER, content);
  }

  private MessagePlan value(ValueInfo after, @Nullable Part part, int field) {
    if (part == null) {
      return new MessagePlan().message(field, NewMessages.value(after));
    }
    if (after.equals(part.element())) {
      return new MessagePlan().copy(part);
    }
    MessagePlan type = new MessagePlan();
    if (after.type() != ElementType.UNDEFINED) {
      type.message(ValueInfoProto.TYPE_FIELD_NUMBER, NewMessages.type(after));
    }
    return new MessagePlan()
        .message(
            field,
            new MessageEdit(cursor)
                .replace(type, ValueInfoProto.TYPE_FIELD_NUMBER)
                .apply(part.payload(), part.end()));
  }

  /** One list of a scope, laid onto the places that its elements had in the file. */
  private static final class Slots {
    private final List<List<MessagePlan>> groups = new ArrayList<>();
    private final Set<Part> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    private int next;

    /**
     * Lays out the edited list.
     *
     * @param key by which an element that is not the same instance as in the file is recognised
     * @param plan of a whole field, given the element and the place it had, which may be null
     */
    Slots(
        ScopeLayout before,
        Role role,
        List<?> after,
        Function<Object, Object> key,
        BiFunction<Object, @Nullable Part, MessagePlan> plan) {
      Map<Object, Deque<Part>> places = new HashMap<>();
      for (Part part : before.parts()) {
        if (part.role() == role) {
          places
              .computeIfAbsent(
                  key.apply(Objects.requireNonNull(part.element())), k -> new ArrayDeque<>(1))
              .add(part);
        }
      }
      groups.add(new ArrayList<>());
      boolean isFirst = true;
      for (Object element : after) {
        Part part = take(places.get(key.apply(element)), element);
        if (part != null) {
          kept.add(part);
          if (!isFirst) {
            groups.add(new ArrayList<>());
          }
          isFirst = false;
        }
        groups.get(groups.size() - 1).add(plan.apply(element, part));
      }
    }

    private static @Nullable Part take(@Nullable Deque<Part> places, Object element) {
      if (places == null) {
        return null;
      }
      for (Part part : places) {
        if (part.element() == element) {
          places.remove(part);
          return part;
        }
      }
      return places.poll();
    }

    /** Plans what stands in the place of {@code part}: nothing if its element is gone. */
    void place(Part part, MessagePlan plan) {
      if (kept.contains(part)) {
        placeNext(plan);
      }
    }

    private void placeNext(MessagePlan plan) {
      groups.get(next++).forEach(plan::append);
    }

    /** Plans what found no place: a list of which nothing is left of the old one. */
    void placeRest(MessagePlan plan) {
      while (next < groups.size()) {
        placeNext(plan);
      }
    }
  }
}
