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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.plan.Fusion;
import dev.fusewright.core.state.DeclaredModule;
import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.FusedGroup;
import dev.fusewright.core.state.StateDict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The classes of a whole module after {@code fuse_modules}, {@code fuse_modules_qat} or {@code
 * prepare_qat}, by name, in order: what a file that was written is held against.
 */
final class FusedClasses {
  static final String CONTAINERS = "torch.nn.intrinsic.modules.fused.";

  /** What is named besides classes of modules where a module is prepared. */
  static final Set<String> CONFIGURATION =
      Set.of(
          "functools.partial",
          "torch.ao.quantization.observer._PartialWrapper",
          "torch.ao.quantization.qconfig.QConfig",
          "torch.ao.quantization.quantize._observer_forward_hook",
          "torch.per_tensor_affine",
          "torch.qint8",
          "torch.quint8");

  private static final String FAKES = "torch.ao.quantization.fake_quantize.";
  private static final String OBSERVERS = "torch.ao.quantization.observer.";
  private static final String WEIGHT = ".weight_fake_quant";
  private static final String OBSERVED = ".activation_post_process";

  private final Map<String, DeclaredModule> before;
  private final StateDict planned;
  private final Optional<DefaultQatConfig> config;
  private final Map<String, FusedGroup> groups = new HashMap<>();
  private final Set<String> identities = new LinkedHashSet<>();
  private final Map<String, DeclaredModule> after = new LinkedHashMap<>();

  FusedClasses(
      Map<String, DeclaredModule> before,
      List<FusedGroup> groups,
      StateDict planned,
      Optional<DefaultQatConfig> config) {
    this.before = before;
    this.planned = planned;
    this.config = config;
    for (FusedGroup group : groups) {
      List<String> names = group.group().names();
      identities.addAll(names.subList(1, names.size()));
      if (!group.fusion().module().equals(group.group().types().get(0))) {
        this.groups.put(group.group().first(), group);
      }
    }
  }

  Map<String, DeclaredModule> after() {
    before.forEach(
        (name, module) -> {
          FusedGroup group = groups.get(name);
          if (group != null) {
            contained(name, group);
          } else if (identities.contains(name)) {
            put(name, "Identity");
          } else if (isTrained(name) && config.isPresent()) {
            String family = module.type().equals("Linear") ? "linear." : "conv.";
            put(name, "torch.nn.qat.modules." + family + module.type());
            weight(name);
            activation(name);
          } else {
            after.putIfAbsent(name, module);
            if (isObserved(name) && config.isPresent()) {
              activation(name);
            }
          }
        });
    return after;
  }

  private void contained(String name, FusedGroup group) {
    String container = group.fusion().module();
    List<String> members = new ArrayList<>(group.group().names());
    if (isTrained(name) && config.isPresent()) {
      put(name, "torch.nn.intrinsic.qat.modules." + file(container) + "." + container);
      group.group().norm().map(before::get).ifPresent(norm -> after.put(name + ".bn", norm));
      weight(name);
      activation(name);
      return;
    }
    if (group.fusion().result() == Fusion.Result.FOLDED) {
      members.remove(1);
    }
    put(name, CONTAINERS + container);
    for (int i = 0; i < members.size(); i++) {
      DeclaredModule child = before.get(members.get(i));
      if (child != null) {
        after.put(name + "." + i, child);
      }
    }
    if (isObserved(name) && config.isPresent()) {
      activation(name);
    }
  }

  private static String file(String container) {
    return container.startsWith("Conv")
        ? "conv_fused"
        : container.equals("LinearReLU") ? "linear_relu" : "linear_fused";
  }

  private boolean isTrained(String name) {
    return planned.tensor(name + WEIGHT + ".scale").isPresent();
  }

  private boolean isObserved(String name) {
    return planned.tensor(name + OBSERVED + ".scale").isPresent();
  }

  private void put(String name, String type) {
    after.put(name, new DeclaredModule(type, OptionalDouble.empty()));
  }

  private void weight(String name) {
    put(name + WEIGHT, FAKES + fake());
    put(
        name + WEIGHT + OBSERVED,
        OBSERVERS
            + switch (config.orElseThrow()) {
              case FBGEMM, X86, FBGEMM_V0 -> "MovingAveragePerChannelMinMaxObserver";
              case QNNPACK -> "MovingAverageMinMaxObserver";
            });
  }

  private void activation(String name) {
    String quantizer = name + OBSERVED;
    boolean isFixed = planned.tensor(quantizer + OBSERVED + ".min_val").isEmpty();
    put(quantizer, FAKES + (isFixed ? "FixedQParamsFakeQuantize" : fake()));
    put(
        quantizer + OBSERVED,
        OBSERVERS + (isFixed ? "FixedQParamsObserver" : "MovingAverageMinMaxObserver"));
  }

  private String fake() {
    return switch (config.orElseThrow()) {
      case FBGEMM, X86, QNNPACK -> "FusedMovingAvgObsFakeQuantize";
      case FBGEMM_V0 -> "FakeQuantize";
    };
  }
}
