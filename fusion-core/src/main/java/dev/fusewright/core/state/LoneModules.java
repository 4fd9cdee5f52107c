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
package dev.fusewright.core.state;

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The modules that no group names, under {@code prepare_qat}: it goes by their classes, which a
 * state dict does not say. Parameters tell some, the file or the list may say the others; what
 * nobody says is refused, by name.
 */
final class LoneModules {
  private static final int MOST_NAMED = 12;
  private final StateModules modules;
  private final Map<String, String> types;
  private final String prefix;
  private final Set<String> transposed;
  private final Set<String> parents = new HashSet<>();
  private final boolean isOneDimensional;
  private final Set<String> besideTransposed;
  private final Map<String, Preparation> byName = new LinkedHashMap<>();
  private final Map<Question, Set<String>> unknown = new LinkedHashMap<>();
  private final List<String> unsupported = new ArrayList<>();
  private final List<String> undeclared = new ArrayList<>();
  private final Map<String, Set<String>> takenByType = new TreeMap<>();

  private LoneModules(
      StateModules modules,
      Set<String> grouped,
      Map<String, String> types,
      Set<String> transposed,
      String prefix) {
    this.modules = modules;
    this.isOneDimensional =
        modules.all().stream()
            .filter(module -> grouped.contains(module.name()))
            .anyMatch(module -> module.isLayer() && module.shape("weight").rank() == 3);
    this.besideTransposed =
        modules.all().stream()
            .filter(LoneModules::isTransposed)
            .map(module -> ModuleWords.parent(module.name()))
            .collect(Collectors.toSet());
    this.types = types;
    this.transposed = transposed;
    this.prefix = prefix;
    for (StateModule module : modules.all()) {
      int dot = module.name().lastIndexOf('.');
      while (dot > 0 && parents.add(module.name().substring(0, dot))) {
        dot = module.name().lastIndexOf('.', dot - 1);
      }
    }
  }

  /** By a bias of another length than the weight's first axis. */
  private static boolean isTransposed(StateModule module) {
    return module.isLayer()
        && module.shape("weight").rank() > 2
        && module.tensor("bias").isPresent()
        && module.shape("bias").dim(0) != module.shape("weight").dim(0);
  }

  /**
   * What becomes of each.
   *
   * @param byName in the file's order; of the modules that stay as they are, nothing
   * @param taken what nobody says and was taken for granted, a sentence each
   */
  record Prepared(Map<String, Preparation> byName, List<String> taken) {
    /** Nothing is prepared. */
    static final Prepared NONE = new Prepared(Map.of(), List.of());

    Prepared {
      byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
      taken = List.copyOf(taken);
    }
  }

  /**
   * Decides about every module that no group names.
   *
   * @param grouped names of the modules of the groups
   * @param types classes that the file, or else the list, says, by name
   * @param transposed layers that are ConvTranspose by a graph
   * @throws ModuleListException naming the modules whose classes nobody says
   */
  static Prepared of(
      StateModules modules,
      Set<String> grouped,
      Map<String, String> types,
      Set<String> transposed,
      String prefix) {
    LoneModules lone = new LoneModules(modules, grouped, types, transposed, prefix);
    for (StateModule module : modules.all()) {
      if (!module.name().isEmpty() && !grouped.contains(module.name())) {
        lone.decide(module);
      }
    }
    types.forEach(
        (name, type) -> {
          if (modules.get(name) == null && !grouped.contains(name)) {
            lone.put(name, Preparation.of(type), type);
          }
        });
    return lone.decided();
  }

  private Prepared decided() {
    if (!unsupported.isEmpty()) {
      throw ModuleListException.of(
          Reason.QAT_UNSUPPORTED,
          "prepare_qat puts modules with other parameters in the place of some, or fails: %s%s",
          first(unsupported),
          undeclared.stream().findFirst().map(LoneModules::remedy).orElse(""));
    }
    if (!unknown.isEmpty()) {
      List<String> asked = new ArrayList<>();
      unknown.forEach((question, names) -> asked.add(question.about(names)));
      Map.Entry<Question, Set<String>> example = unknown.entrySet().iterator().next();
      throw ModuleListException.of(
          Reason.UNKNOWN_TYPE,
          "prepare_qat goes by the classes of modules, and nothing says those of %s. Declare each in the list, as a group of its own, such as [\"%s:%s\"]: torch.nn's classes by their names, a class of your own by any other",
          first(asked),
          example.getKey().name(example.getValue()),
          example.getKey().kind().example);
    }
    List<String> taken =
        takenByType.entrySet().stream()
            .map(it -> sentence(List.copyOf(it.getValue()), it.getKey()))
            .toList();
    return new Prepared(byName, taken);
  }

  private static String remedy(String name) {
    return ". Such a module stays as it is, as one does whose qconfig is None, where the list declares it by a name that is none of torch.nn's, such as [\"%s:Kept\"]"
        .formatted(name);
  }

  /** Refuses a module by its parameters. */
  private void refuse(String name, String why) {
    unsupported.add("'%s' %s".formatted(name, why));
    undeclared.add(withoutPrefix(name));
  }

  /** That each of these is one of a type. */
  static String sentence(List<String> names, String type) {
    return "%s %s %s%s"
        .formatted(
            first(names.stream().map("'%s'"::formatted).toList()),
            names.size() == 1 ? "is" : "are",
            type,
            names.size() == 1 ? "" : " each");
  }

  /** The first of these, and how many there are more. */
  static String first(List<String> all) {
    String shown = all.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    int more = all.size() - MOST_NAMED;
    return more > 0 ? shown + ", and " + more + " more" : shown;
  }

  /** What parameters leave open. */
  private enum Kind {
    EMPTY("without parameters: a ReLU is not observed, a ReLU6 is", "ReLU6"),
    VECTOR(
        "a weight of one axis: a LayerNorm, a GroupNorm and a PReLU are observed, a class of your own is not",
        "LayerNorm"),
    TABLE(
        "a weight of two axes and no bias: a Linear is quantized, an Embedding is observed",
        "Embedding"),
    AXES("a weight and a bias of several axes: a LayerNorm is observed", "LayerNorm"),
    MATRICES("a weight of three axes: a Conv1d is observed, a Bilinear is not", "Conv1d"),
    NORM("running statistics: a BatchNorm1d is not observed, a BatchNorm2d is", "BatchNorm2d"),
    TRANSPOSED(
        "a Conv is quantized, a ConvTranspose is observed, and its name, or a layer beside it, speaks for one",
        "ConvTranspose2d");

    private final String text;
    private final String example;

    Kind(String text, String example) {
      this.text = text;
      this.example = example;
    }
  }

  /** Modules whose names differ in indices only, and what is not known of them. */
  private record Question(String pattern, Kind kind) {
    String name(Set<String> names) {
      return names.size() == 1 ? names.iterator().next() : pattern;
    }

    String about(Set<String> names) {
      return "'%s' (%s%s)"
          .formatted(name(names), names.size() == 1 ? "" : names.size() + " of them, ", kind.text);
    }
  }

  private void decide(StateModule module) {
    String name = module.name();
    String said = types.get(name);
    if (name.endsWith(StateLayout.FUNCTIONAL) || isInside(name)) {
      return;
    }
    Optional<Reparametrization> computed = Reparametrization.of(modules, module);
    boolean isKept = said != null && Preparation.of(said) != Preparation.QUANTIZED;
    if (computed.isPresent() && !isKept) {
      unsupported.add(
          "'%s' is %s, of which %s makes a plain layer"
              .formatted(name, computed.get().words(), computed.get().remedy()));
    } else if (said != null) {
      put(name, Preparation.of(said), said);
    } else if (parents.contains(name)) {
      decideParent(module);
    } else if (module.isEmpty()) {
      decideEmpty(name);
    } else if (module.isNorm()) {
      ask(name, Kind.NORM);
    } else if (module.isNormWithoutStatistics()) {
      ask(name, Kind.VECTOR);
    } else if (module.isLayer()) {
      decideLayer(module);
    } else {
      decideOther(module);
    }
  }

  /** A module that a preparation has made already. */
  private boolean isInside(String name) {
    return name.contains(".activation_post_process") || name.contains(".weight_fake_quant");
  }

  private void decideParent(StateModule module) {
    Set<String> own = module.entries().keySet();
    if (own.contains("in_proj_weight") || own.contains("q_proj_weight")) {
      refuse(module.name(), "looks like a MultiheadAttention");
    }
  }

  private void decideEmpty(String name) {
    String last = ModuleWords.last(name);
    boolean isStub =
        (last.equals("quant") || last.equals("dequant"))
            && modules.get(name.substring(0, name.length() - last.length()) + "dequant") != null;
    if (isStub) {
      boolean isQuant = last.equals("quant");
      taken(
          name,
          isQuant ? "a QuantStub" : "a DeQuantStub",
          isQuant ? Preparation.OBSERVED : Preparation.NONE);
    } else if (ModuleWords.speakForUnobserved(name)) {
      taken(name, "what its name says, which is not observed", Preparation.NONE);
    } else {
      ask(name, Kind.EMPTY);
    }
  }

  private void decideLayer(StateModule module) {
    Shape weight = module.shape("weight");
    boolean hasBias = module.tensor("bias").isPresent();
    long bias = hasBias ? module.shape("bias").dim(0) : weight.dim(0);
    String dimensions = weight.rank() - 2 + "d";
    if (weight.rank() == 2) {
      if (hasBias && bias == weight.dim(0)) {
        taken(module.name(), "a Linear", Preparation.QUANTIZED);
      } else {
        ask(module.name(), Kind.TABLE);
      }
    } else if (transposed.contains(module.name()) || bias != weight.dim(0)) {
      taken(module.name(), "a ConvTranspose" + dimensions, Preparation.OBSERVED);
    } else if (weight.rank() == 3 && !isOneDimensional) {
      ask(module.name(), Kind.MATRICES);
    } else if (weight.rank() == 3) {
      taken(module.name(), "a Conv1d", Preparation.OBSERVED);
    } else if (transposed.isEmpty() && mayBeTransposed(module.name())) {
      ask(module.name(), Kind.TRANSPOSED);
    } else {
      taken(module.name(), "a Conv" + dimensions, Preparation.QUANTIZED);
    }
  }

  /** By a word of its name, or by a layer beside it that can only be one. */
  private boolean mayBeTransposed(String name) {
    return ModuleWords.speakForTransposed(name)
        || besideTransposed.contains(ModuleWords.parent(name));
  }

  private void decideOther(StateModule module) {
    Set<String> own = module.entries().keySet();
    String name = module.name();
    if (own.contains("weight_ih_l0") && own.contains("weight_hh_l0")) {
      Shape hidden = module.shape("weight_hh_l0");
      long gates =
          hidden.rank() == 2 && hidden.dim(1) > 0 && !own.contains("weight_hr_l0")
              ? hidden.dim(0) / hidden.dim(1)
              : 4;
      if (gates == 3) {
        taken(name, "a GRU", Preparation.OBSERVED);
      } else if (gates == 1) {
        taken(name, "an RNN", Preparation.NONE);
      } else {
        refuse(name, "looks like an LSTM");
      }
    } else if (own.contains("weight_ih") && own.contains("weight_hh")) {
      taken(name, "an RNN's cell", Preparation.OBSERVED);
    } else if (own.contains("in_proj_weight")) {
      refuse(name, "looks like a MultiheadAttention");
    } else if (own.equals(Set.of("weight", "bias"))
        && module.shape("weight").equals(module.shape("bias"))) {
      ask(name, Kind.AXES);
    } else if (own.equals(Set.of("weight")) && module.tensor("weight").isEmpty()) {
      ask(name, Kind.TABLE);
    }
  }

  private void put(String name, Preparation preparation, String type) {
    if (preparation == Preparation.UNSUPPORTED) {
      unsupported.add("'%s' is %s %s".formatted(name, type.equals("LSTM") ? "an" : "a", type));
    } else if (preparation != Preparation.NONE) {
      byName.put(name, preparation);
    }
  }

  private void taken(String name, String type, Preparation preparation) {
    takenByType.computeIfAbsent(type, absent -> new TreeSet<>()).add(withoutPrefix(name));
    put(name, preparation, type);
  }

  private void ask(String name, Kind kind) {
    String pattern =
        Stream.of(withoutPrefix(name).split("\\."))
            .map(segment -> segment.matches("[0-9]+") ? "*" : segment)
            .collect(Collectors.joining("."));
    unknown
        .computeIfAbsent(new Question(pattern, kind), absent -> new TreeSet<>())
        .add(withoutPrefix(name));
  }

  private String withoutPrefix(String name) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }
}
